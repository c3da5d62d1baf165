# Runs the scripts of a folder, scripts/NUMBER, one after the other, each in a bash and a directory of its own, and leaves in
# ran/NUMBER what they ran. tests/shell/standins.rs starts it: bash standins.sh FOLDER isolated|open
#
# isolated: in namespaces of its own (unshare), and below a root in which there is nothing but bash, the few programs that
# hand a command on, and stand-ins. open: where the system has no such thing; nothing but stand-ins is on the PATH all the same.
set -u
folder=$1 root=
real=(basename bash cat dirname env nice nohup realpath setsid tee timeout xargs)

if [ "$2" = isolated ]; then
  root=$folder/root
  mkdir -p "$root" && mount -t tmpfs none "$root" || exit 3
  mkdir -p "$root"/{bin,log,proc,scratch,dev,etc,tmp/tmp.XXXXXXXXXX}
  # Users whom the corpora name.
  printf '%s:x:1:1::%s:\n' root /root dev /home/dev alice /home/alice > "$root/etc/passwd"
  mount -t proc -o subset=pid proc "$root/proc" || exit 3
  ln -s /proc/self/fd "$root/dev/fd"
  for program in "${real[@]}"; do
    program=$(type -P "$program") || exit 3
    cp "$program" "$root/bin/"
    # What it is linked with, at the same places.
    while read -r library; do
      [ -e "$root$library" ] || { mkdir -p "$root${library%/*}" && cp -L "$library" "$root$library"; }
    done < <(ldd "$program" 2> /dev/null | grep -oE '/[^ ]+')
  done
  : > "$root/dev/null" && mount --bind /dev/null "$root/dev/null" || exit 3
  mkdir -p "$root/usr/lib/locale" && cp -r /usr/lib/locale/C.[uU]* "$root/usr/lib/locale/" 2> /dev/null
  mount -t tmpfs none "$root/log" && mount -t tmpfs none "$root/scratch" || exit 3
else
  root=$folder/open
  mkdir -p "$root"/{bin,log,scratch}
  for program in "${real[@]}"; do
    program=$(type -P "$program") && ln -s "$program" "$root/bin/"
  done
fi
inside=$root
[ "$2" = isolated ] && inside=
ln -s bash "$root/bin/sh"

# A stand-in writes down its name and words, in one piece. Nine tenths of the time go into starting them: where there is a
# smaller shell, that does it, from where no script finds it.
writer="bin/bash -p" end=$'\x1e'
if [ "$2" = isolated ] && small=$(type -P dash); then
  writer=log-writer
  cp -L "$small" "$root/log-writer"
fi
cat > "$root/bin/m0" << END
#!$inside/$writer
printf '%s\037' "\${0##*/}" "\$@" $end >> $inside/log/now
# What the reader knows of what programs print.
case \${0##*/} in
  mktemp) echo /tmp/tmp.XXXXXXXXXX ;;
  which) printf '%s\n' "\$@" ;;
esac
END
chmod +x "$root/bin/m0"
while read -r name; do
  [ -e "$root/bin/$name" ] || ln -s m0 "$root/bin/$name"
done < "$folder/names"
# Whatever else is called by a name.
cat > "$root/bin/setup" << END
ulimit -t 1 -f 256 -n 64 -c 0
FUNCNEST=5
command_not_found_handle() {
  local IFS=\$' \t\n'
  builtin printf '%s\x1f' "\$@" \$'\x1e' >> $inside/log/now
  return 127
}
END
[ "$2" = isolated ] && mount -o remount,ro "$root"

for script in "$folder"/scripts/*; do
  number=${script##*/}
  : > "$root/log/now"
  within=(env -C "$root/scratch")
  [ "$2" = isolated ] && within=(unshare --pid --fork --kill-child "--root=$root" --wd=/scratch)
  # What is left running is given a moment to say so.
  timeout -s KILL 3 "${within[@]}" "$inside/bin/env" -i PATH="$inside/bin" HOME="$inside/scratch" TMPDIR=/tmp/tmpdir \
    LC_ALL=C.UTF-8 \
    BASH_ENV="$inside/bin/setup" "$inside/bin/bash" -c "trap wait EXIT; $(< "$script")" \
    < /dev/null > /dev/null 2> "$folder/errors/$number"
  cp "$root/log/now" "$folder/ran/$number"
  rm -rf "${root:?}"/scratch/* "${root:?}"/scratch/.[!.]*
done
