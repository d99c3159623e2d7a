import { testPlatform } from "@partake/testing";
import { expect, test } from "vitest";
import { tour } from "../../tour/tour.ts";
import { quietTour } from "./stage.ts";

test("[C2 C4 C5 G1 G2 G3 G4 G5 G9 G10 G14 R19 B3 X1] the tour goes through the whole main job", {
  timeout: 120_000,
}, async () => {
  const platform = await testPlatform();
  const said: string[] = [];
  await tour(quietTour(platform).settings, (line) => said.push(line)).catch((error: Error) => {
    throw new Error(`${error.message}\n${said.slice(-25).join("\n")}`);
  });
  expect(said.filter((line) => line.includes("✓")).length).toBeGreaterThan(20);
});
