import { execFileSync } from "node:child_process";

/** The TypeScript files that people write: tracked or new, without what is generated. Paths relative to `root`. */
export function sourceFiles(root: string): string[] {
  const listed = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "*.ts"],
    {
      cwd: root,
      encoding: "utf8",
    },
  );
  return listed.split("\n").filter((file) => file !== "" && !/(^|\/)(gen|dist)\/|\.gen\.ts$/.test(file));
}
