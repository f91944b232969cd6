// Checks every Markdown file below a directory: links to files and headings, long lines, words that the glossary replaces, and
// that shell examples parse. Ends with 1 if it finds anything, or if there is nothing to look at.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const LONGEST_LINE = 120;
const NOT_OURS = new Set(["node_modules", "target", ".git"]);

// What to say instead, each by the field's own term or a plain subject; see docs/glossary.md.
const WORDS = [
  [/\b(?:nobody|somebody|anybody|whoever|whomever)\b/i, "say which process, launcher or person"],
  [/\bdrills?\b/i, "say \"self-test\"; the command is `drill`"],
  [/\bpids?\b/, "say \"PID\""],
  [/\bis told (?:of|by|that|it)\b/i, "say who reports what"],
  [/\bin vain\b/i, "say what does not happen"],
];

function markdownFiles(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) {
      return [];
    }
    const path = join(directory, entry.name);
    return entry.isDirectory() ? markdownFiles(path) : entry.name.endsWith(".md") ? [path] : [];
  });
}

// Each line, with the language of the code block that it is in; the fences themselves belong to their block.
function lines(text) {
  let language = null;
  return text.split("\n").map((line, index) => {
    const fence = line.match(/^\s*```(\S*)/);
    const inside = language;
    if (fence) {
      language = language === null ? fence[1] || "text" : null;
    }
    return { number: index + 1, line, fence: fence !== null, language: inside ?? language };
  });
}

const withoutCode = (line) => line.replace(/`[^`]*`/g, (code) => " ".repeat(code.length));

// As GitHub names a heading.
function anchors(text) {
  const seen = new Map();
  return new Set(
    lines(text)
      .filter(({ language, line }) => language === null && /^#{1,6} /.test(line))
      .map(({ line }) => {
        const words = line.replace(/^#+ /, "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").trim().toLowerCase();
        const slug = words.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
        const count = seen.get(slug) ?? 0;
        seen.set(slug, count + 1);
        return count === 0 ? slug : `${slug}-${count}`;
      }),
  );
}

function deadLink(file, target) {
  if (/^[a-z]+:/i.test(target)) {
    return null;
  }
  const [path, anchor] = target.split("#");
  const linked = path === "" ? file : resolve(dirname(file), decodeURIComponent(path));
  if (!existsSync(linked)) {
    return `no such file: ${target}`;
  }
  if (anchor !== undefined && statSync(linked).isFile() && !anchors(readFileSync(linked, "utf8")).has(anchor)) {
    return `no such heading: ${target}`;
  }
  return null;
}

function shellFinding(script) {
  const run = spawnSync("sh", ["-n"], { input: script, encoding: "utf8" });
  return run.status === 0 ? null : `the shell cannot read this block: ${(run.stderr ?? String(run.error)).trim()}`;
}

/** The findings in one file, as "line: text". */
export function check(file) {
  const findings = [];
  let shell = null;
  for (const { number, line, fence, language } of lines(readFileSync(file, "utf8"))) {
    const add = (text) => findings.push(`${number}: ${text}`);
    const table = /^\s*\|/.test(line);
    const picture = /^!\[[^\]]*\]\([^)]*\)$/.test(line);
    if ([...line].length > LONGEST_LINE && !table && !picture && /\s\S/.test(line.trim())) {
      add(`${[...line].length} characters, ${LONGEST_LINE} at most`);
    }
    if (language === "sh") {
      if (!fence) {
        shell += line + "\n";
      } else if (shell === null) {
        shell = "";
      } else {
        const finding = shellFinding(shell);
        if (finding !== null) {
          add(finding);
        }
        shell = null;
      }
    }
    if (language !== null) {
      continue;
    }
    const prose = withoutCode(line);
    for (const [, target] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      const finding = deadLink(file, target);
      if (finding !== null) {
        add(finding);
      }
    }
    // Neither targets of links nor what is quoted.
    const words = prose.replace(/\]\([^)]*\)/g, "]").replace(/"[^"]*"/g, '""');
    for (const [word, instead] of WORDS) {
      const found = words.match(word);
      if (found) {
        add(`"${found[0]}": ${instead}`);
      }
    }
  }
  return findings;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = process.argv[2];
  const files = markdownFiles(root);
  let found = 0;
  for (const file of files) {
    for (const finding of check(file)) {
      console.error(`${relative(root, file)}:${finding}`);
      found++;
    }
  }
  console.log(`documents: ${files.length} files, ${found} findings`);
  process.exit(files.length > 0 && found === 0 ? 0 : 1);
}
