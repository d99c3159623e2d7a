import { startInfrastructure } from "./infrastructure/infrastructure.ts";
import { untilStopped } from "./processes/stop-signal.ts";
import { readSettings } from "./settings.ts";
import { terminalReporter } from "./terminal/reporter.ts";
import { runCommand } from "./terminal/setup-error.ts";

/** Keeps one infrastructure for several test runs and tools: prints what they have to export, ends on Ctrl-C. */
async function keepInfrastructure(): Promise<void> {
  const settings = readSettings();
  const reporter = terminalReporter();
  const started = await startInfrastructure({
    data: {
      kind: "persistent",
      folder: settings.dataFolder,
      ports: { mongodb: settings.mongodbPort, kafka: settings.kafkaPort },
    },
    reporter,
  });
  reporter.line(`Kafka and MongoDB run (${started.kind}). In another terminal:`);
  reporter.line(`export MONGODB_URI='${started.mongodbUri}'`);
  reporter.line(`export KAFKA_BROKERS='${started.kafkaBrokers}'`);
  await untilStopped();
  await started.stop();
}

await runCommand(keepInfrastructure);
