import type { Tree } from '../source/tree.ts';

export type Finding = { readonly place: string; readonly message: string };

/** One rule of tidiness: everything in a tree that breaks it. */
export type Check = (tree: Tree) => readonly Finding[];

export const render = ({ place, message }: Finding): string => `${place}: ${message}`;
