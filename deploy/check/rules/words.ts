import { type Breach, isTest, linesWith, type Source } from "../source.ts";

interface Banned {
  pattern: RegExp;
  rule: string;
}

const TODO: Banned = { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, rule: "Nothing is left to do: do it or open an issue." };

const IN_CODE: readonly Banned[] = [
  { pattern: /\bas any\b/, rule: "Types are not switched off." },
  { pattern: /^\s*(export )?(default )?(interface|type|class) I[A-Z][a-z]/, rule: "No prefix I." },
];

const IN_COMMENTS: readonly Banned[] = [
  TODO,
  { pattern: /@ts-(ignore|nocheck|expect-error)/, rule: "Types are not switched off." },
];

const IN_TESTS: readonly Banned[] = [
  {
    pattern:
      /\b(describe|suite|it|test|bench|context|ctx|task)\b[\w.]*\.(skip|only|todo|skipIf|runIf|fails)\b|\bx(it|describe)\(/,
    rule: "No test is switched off.",
  },
];

const IN_SERVICES: readonly Banned[] = [{ pattern: /\bconsole\.\w/, rule: "A service logs, it does not print." }];

/** Reading the clock, making ids and drawing lots, which domain code is given instead. */
const IN_DOMAINS: readonly Banned[] = [
  {
    pattern:
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\brandom(UUID|Bytes|Int)\b|\bTemporal\.Now\b|\bprocess\.|\bperformance\./,
    rule: "A domain takes clock, ids and randomness as arguments.",
  },
];

/** A path of one machine, and the host of one registry, mean nothing on the next. */
const PLACES: readonly Banned[] = [
  { pattern: /(^|[\s"'`(=])\/(home|Users|root|work)\/\w/, rule: "No paths of one machine." },
  {
    pattern:
      /\b(registry\.npmjs\.org|registry\.yarnpkg\.com|npm\.pkg\.github\.com|pypi\.org|files\.pythonhosted\.org|repo1?\.maven\.(org|apache\.org))\b/,
    rule: "No hosts of registries.",
  },
];

/** Words that do not belong into code. */
export function words(source: Source): Breach[] {
  const { file } = source;
  const code = [
    ...IN_CODE,
    ...(isTest(file) ? IN_TESTS : []),
    ...(/^services\/[^/]+\/src\//.test(file) ? IN_SERVICES : []),
    ...(/\/src\/domain(\/|\.ts$)/.test(file) ? IN_DOMAINS : []),
  ];
  return [
    ...linesWith({ file, lines: source.code }, code),
    ...linesWith({ file, lines: source.comments }, IN_COMMENTS),
    ...places(source),
  ];
}

/** Documents, protos and manifests. */
export function wordsOfDocument(document: { file: string; lines: readonly string[] }): Breach[] {
  return [...linesWith(document, [TODO]), ...places(document)];
}

/** The rules themselves name what they ban. */
function places(source: { file: string; lines: readonly string[] }): Breach[] {
  return source.file.startsWith("deploy/check/") ? [] : linesWith(source, PLACES);
}
