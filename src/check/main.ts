import 'reflect-metadata';
import { command } from './command.js';

const { out, err, exitCode } = await command(process.argv.slice(2), process.env);
if (err.length > 0) process.stderr.write(`${err.join('\n')}\n`);
if (out.length > 0) process.stdout.write(`${out.join('\n')}\n`);
process.exitCode = exitCode;
