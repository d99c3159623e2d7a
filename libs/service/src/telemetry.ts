/** Exports the spans that libs/rpc and libs/bus make by hand. The SDK costs tens of megabytes: it is loaded only where traces go somewhere. */
export async function startTelemetry(options: {
  endpoint: string;
  service: string;
}): Promise<{ stop(): Promise<void> }> {
  if (options.endpoint === "") return { stop: async () => undefined };
  const { NodeSDK } = await import("@opentelemetry/sdk-node");
  // Traces only: the figures are Prometheus's, and logs go to standard output.
  const sdk = new NodeSDK({
    serviceName: `partake-${options.service}`,
    instrumentations: [],
    metricReaders: [],
    logRecordProcessors: [],
    autoDetectResources: false,
  });
  sdk.start();
  return { stop: () => sdk.shutdown().catch(() => undefined) };
}
