import { functionsIn } from "../functions.ts";
import { type Breach, isTest, type Source } from "../source.ts";

const FILE_LINES_MAXIMUM = 300;
/** About seventy is what style asks for. */
const FUNCTION_LINES_MAXIMUM = 80;
const MAIN_LINES_MAXIMUM = 20;

/** Files and functions are read in one go. A function's lines are counted without the named functions inside of it. */
export function sizes({ file, lines, code }: Source): Breach[] {
  if (isTest(file)) return [];
  const most = /^services\/[^/]+\/src\/main\.ts$/.test(file) ? MAIN_LINES_MAXIMUM : FILE_LINES_MAXIMUM;
  const isLong = lines.length - 1 > most;
  const long = functionsIn(code).filter((found) => found.lines > FUNCTION_LINES_MAXIMUM);
  return [
    ...(isLong ? [{ file, line: most + 1, rule: `The file has more than ${most} lines.` }] : []),
    ...long.map((found) => ({
      file,
      line: found.start + 1,
      rule: `The function has ${found.lines} lines, more than ${FUNCTION_LINES_MAXIMUM}.`,
    })),
  ];
}
