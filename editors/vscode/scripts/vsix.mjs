// What is inside of a VSIX, and what must be.
import { open } from "yauzl";

/** Reads the table of contents: each file's path, size and mode. */
export function contents(vsix) {
  return new Promise((done, failed) => {
    open(vsix, (error, zip) => {
      if (error) {
        failed(error);
        return;
      }
      const entries = [];
      zip.on("entry", (entry) => {
        entries.push({ path: entry.fileName, size: entry.uncompressedSize, mode: (entry.externalFileAttributes >>> 16) & 0o777 });
      });
      zip.on("end", () => done(entries));
      zip.on("error", failed);
    });
  });
}

/** Whatever has no business in a VSIX is named by not being here. */
const expected = [
  /^extension\.vsixmanifest$/,
  /^\[Content_Types\]\.xml$/,
  /^extension\/package\.json$/,
  /^extension\/(readme|changelog)\.md$/i,
  /^extension\/dist\/extension\.js$/,
  /^extension\/media\/[\w-]+\.(svg|png|md)$/,
];

/** Says what is wrong with the contents of a target's VSIX. */
export function faultsOf(entries, target) {
  const binary = `extension/bin/${target}/${target.startsWith("win32") ? "hotclub.exe" : "hotclub"}`;
  const faults = entries
    .filter(({ path }) => path !== binary && !expected.some((pattern) => pattern.test(path)))
    .map(({ path }) => `${path} does not belong there`);
  for (const pattern of expected) {
    if (!entries.some(({ path }) => pattern.test(path))) {
      faults.push(`nothing is like ${pattern}`);
    }
  }
  const program = entries.find(({ path }) => path === binary);
  if (program === undefined) {
    faults.push(`${binary} is missing`);
  } else if (program.size < 1 << 20) {
    faults.push(`${binary} has ${program.size} bytes, which is no program`);
  } else if (!target.startsWith("win32") && (program.mode & 0o111) === 0) {
    faults.push(`${binary} is not executable`);
  }
  return faults;
}
