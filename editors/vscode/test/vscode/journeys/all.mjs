// In the order in which one window goes through them.
import { lenses } from "./lenses.mjs";

export const journeys = [...lenses];
