// What the unit tests have in place of the module "vscode": as much of it as the logic touches,
// with the meaning of the real one.

export * from "./debugger";
export * from "./events";
export * from "./testing";
export * from "./window";
