#!/usr/bin/env python3
"""Packs files into an archive that doesn't tell when or by whom: make/pack.py ARCHIVE FOLDER/ [NAME=]FILE…

A .tar.gz or a .zip, by ARCHIVE's name, with everything under FOLDER/. The first FILE is the program. The same files give
the same bytes.
"""
import gzip
import io
import pathlib
import sys
import tarfile
import zipfile

# The earliest that both formats can say.
DAY = (1980, 1, 1, 0, 0, 0)
SECONDS = 315532800


def tar(archive, entries):
    """Writes a .tar.gz."""
    with open(archive, "wb") as out, gzip.GzipFile("", "wb", 9, out, SECONDS) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as file:
            for name, content, mode in entries:
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode, entry.mtime = len(content), mode, SECONDS
                file.addfile(entry, io.BytesIO(content))


def zipped(archive, entries):
    """Writes a .zip."""
    with zipfile.ZipFile(archive, "w") as file:
        for name, content, mode in entries:
            entry = zipfile.ZipInfo(name, DAY)
            # Said to come from Unix, wherever it is made, and a regular file.
            entry.create_system, entry.external_attr = 3, (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, content, compresslevel=9)


def main():
    """Packs."""
    if len(sys.argv) < 4 or not sys.argv[1].endswith((".tar.gz", ".zip")):
        sys.exit("usage: make/pack.py ARCHIVE.tar.gz|ARCHIVE.zip FOLDER/ [NAME=]FILE…")
    archive, folder, program, *others = sys.argv[1:]
    entries = []
    for file, mode in [(program, 0o755), *((other, 0o644) for other in others)]:
        name, _, path = file.rpartition("=")
        path = pathlib.Path(path)
        entries.append((folder + (name or path.name), path.read_bytes(), mode))
    entries.sort()
    (zipped if archive.endswith(".zip") else tar)(archive, entries)


main()
