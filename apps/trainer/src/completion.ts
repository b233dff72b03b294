import { listed, presetNames } from '@rampart/experiments';
import type { Command } from 'commander';

/**
 * Adds `rampart completion SHELL`, which prints a script for a shell, and the hidden command that the script asks at
 * every press of Tab. Commands and options are known from the program itself; here are the names of components and
 * presets.
 */
export async function addCompletion(program: Command): Promise<void> {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  const root = tab(program, { completionCommandName: 'completion' });
  const presets = await presetNames();
  const complete = (command: string, argument: string, names: () => readonly string[]) => {
    root.commands.get(command)!.argument(argument, (add) => names().forEach((name) => add(name, '')));
  };
  complete('run', 'experiment', () => [...presets, 'paper']);
  complete('list', 'kind', () => Object.keys(listed));
  complete('list', 'name', () => Object.values(listed).flatMap((registry) => registry.names()));
}
