// In the order in which one window goes through them.
import { coverage } from "./coverage.mjs";
import { debug } from "./debug.mjs";
import { folders } from "./folders.mjs";
import { lenses } from "./lenses.mjs";
import { results } from "./results.mjs";
import { runs } from "./runs.mjs";
import { shell } from "./shell.mjs";
import { tree } from "./tree.mjs";

export const journeys = [...lenses, ...results, ...tree, ...runs, ...debug, ...coverage, ...shell, ...folders];
