// Prints the tree of a program made with commander as JSON: `walk_commander.mjs FILE EXPORT`, where EXPORT is the
// program or a function that makes it. Nothing of the tool is carried out.
import { writeSync } from 'node:fs';

const [file, name, program] = process.argv.slice(2);
const module = await import(file);
let thing = name.split('.').reduce((at, key) => at[key] ?? at.default?.[key], module);
if (typeof thing === 'function' && !thing.commands) thing = await thing();
const found = {};
const walk = (command, path) => {
  const options = command.options.map((o) => [
    [o.short, o.long].filter(Boolean),
    o.required ? '=' : o.optional ? '[=]' : '',
  ]);
  found[path] = { options, alias: command.aliases() };
  for (const child of command.commands) {
    if (child.name() !== 'help') walk(child, `${path} ${child.name()}`);
  }
};
walk(thing, program);
writeSync(Number(process.env.TREE_FD), JSON.stringify(found));
process.exit(0);
