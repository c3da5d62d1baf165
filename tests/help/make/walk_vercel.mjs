// Prints the commands that vercel's own modules define, as JSON: `walk_vercel.mjs DIST`. Nothing of them is carried out.
import { readdirSync, writeSync } from 'node:fs';

const dist = process.argv[2];
const all = new Set();
for (const file of readdirSync(`${dist}/chunks`).filter((f) => f.endsWith('.js'))) {
  let module;
  try { module = await import(`${dist}/chunks/${file}`); } catch { continue; }
  for (const v of Object.values(module)) {
    if (v && typeof v.name === 'string' && Array.isArray(v.options) && Array.isArray(v.aliases)) all.add(v);
  }
}
const below = new Set();
for (const command of all) for (const sub of command.subcommands || []) below.add(sub);
const found = {};
const walk = (command, path) => {
  const options = command.options.map((o) => [
    [o.shorthand && `-${o.shorthand}`, `--${o.name}`].filter(Boolean),
    o.type === Boolean || (Array.isArray(o.type) && o.type[0] === Boolean) ? '' : '=',
  ]);
  found[path] = { options, alias: command.aliases };
  for (const sub of command.subcommands || []) walk(sub, `${path} ${sub.name}`);
};
for (const command of all) if (!below.has(command)) walk(command, `vercel ${command.name}`);
writeSync(Number(process.env.TREE_FD), JSON.stringify(found));
process.exit(0);
