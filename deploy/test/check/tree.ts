import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Files by their paths. */
export type Files = Readonly<Record<string, string>>;

/** Looks at a small tree of files, as new as a working tree can be, and removes it. */
export function withTree<T>(files: Files, look: (root: string) => T): T {
  const root = mkdtempSync(join(tmpdir(), "partake-tree-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    execFileSync("git", ["init", "-q", "--template="], { cwd: root });
    return look(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
