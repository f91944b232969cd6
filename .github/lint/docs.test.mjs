// That each check of the documents finds a bad example, and lets a good one pass.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { check } from "./docs.mjs";

const directory = mkdtempSync(join(tmpdir(), "docs-lint-"));
after(() => rmSync(directory, { recursive: true }));

function findings(...text) {
  const file = join(directory, "page.md");
  writeFileSync(file, text.join("\n") + "\n");
  return check(file);
}

test("lets a good page pass", () =>
  assert.deepEqual(
    findings(
      "# Wait for `x`, and go on",
      "[Here](#wait-for-x-and-go-on), [there](page.md#again-1), [elsewhere](https://example.org/nothing#here).",
      "## Again",
      "## Again",
      "| a table may be wide |" + " wide |".repeat(30),
      `![${"a picture may be wide ".repeat(6)}](page.md)`,
      "`nobody`, \"whoever\" and [a name](page.md#again) are no prose, nor is `pid`.",
    ),
    [],
  ));
test("finds a link to a file that is not there", () =>
  assert.deepEqual(findings("[x](nowhere.md)"), ["1: no such file: nowhere.md"]));
test("finds a link to a heading that is not there", () => {
  assert.deepEqual(findings("# A", "", "[x](#b)"), ["3: no such heading: #b"]);
  assert.deepEqual(findings("# A", "", "[x](page.md#a-1)"), ["3: no such heading: page.md#a-1"]);
});
test("finds a picture that is not there", () =>
  assert.deepEqual(findings("![x](images/none.png)"), ["1: no such file: images/none.png"]));
test("looks for no link and no word in a code block", () =>
  assert.deepEqual(findings("```text", "[x](nowhere.md) nobody", "```"), []));
test("finds a long line, by characters", () => {
  assert.deepEqual(findings("é ".repeat(60)), []);
  assert.deepEqual(findings("é ".repeat(61)), ["1: 122 characters, 120 at most"]);
  assert.deepEqual(findings("```java", "x ".repeat(61), "```"), ["2: 122 characters, 120 at most"]);
});
for (const word of ["nobody", "Somebody", "whoever", "drill", "pid", "in vain"]) {
  test(`finds "${word}"`, () => {
    const [finding, ...others] = findings(`So ${word} there.`);
    assert.match(finding, new RegExp(`^1: "${word}": say `));
    assert.deepEqual(others, []);
  });
}
test("finds a shell block that does not parse", () => {
  assert.match(findings("```sh", "if true; then", "```")[0], /^3: the shell cannot read this block/);
  assert.deepEqual(findings("```sh", "if true; then :; fi", "```"), []);
});
test("ends with 1 for a bad page, and where there is no page", () => {
  const lint = (where) => spawnSync(process.execPath, ["docs.mjs", where], { cwd: fileURLToPath(new URL(".", import.meta.url)) }).status;
  findings("[x](nowhere.md)");
  assert.equal(lint(directory), 1);
  findings("# Good");
  assert.equal(lint(directory), 0);
  rmSync(join(directory, "page.md"));
  assert.equal(lint(directory), 1);
});
