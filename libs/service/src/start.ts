import { setTimeout as sleep } from "node:timers/promises";
import { type Broadcast, type Bus, openBus, type Relay } from "@partake/bus";
import { newId } from "@partake/contract";
import { type Observation, type RpcServer, serve, withTrail } from "@partake/rpc";
import { openStore, type Store } from "@partake/store";
import type { Logger } from "pino";
import { type AdminServer, type Check, openAdminServer } from "./admin-server.ts";
import { type AuditLines, createAuditLines } from "./audit-lines.ts";
import { together } from "./broadcasts.ts";
import type { Config } from "./config.ts";
import { drain, type Step } from "./drain.ts";
import { openEnforcement, openServiceTokens } from "./enforcement.ts";
import { createFigures, type Figures } from "./figures.ts";
import { GrantVersions } from "./grant-versions.ts";
import { hindrances } from "./hindrances.ts";
import { logObservation } from "./log.ts";
import { openPeers, type Peers } from "./peers.ts";
import { startTelemetry } from "./telemetry.ts";
import type { Clock, Parts, Running, ServiceDefinition } from "./types.ts";

export interface StartOptions {
  definition: ServiceDefinition;
  config: Config;
  log: Logger;
  clock: Clock;
}

const finishMs = 10_000;
const flushMs = 5_000;
const closeMs = 4_000;
/** Readiness does not wait for Kafka and identity longer than this: without them grants are stale, which the enforcer knows. */
const hearMs = 10_000;
/** A handler may try again for ten minutes; a consumer without progress for longer is stuck. */
const stuckMs = 900_000;
const pingMs = 1_500;
/** An orchestrator would wait ever longer between its own attempts. */
const infrastructureMs = 90_000;
const againMs = 2_000;

interface Foundation {
  store: Store;
  bus: Bus;
  peers: Peers;
  figures: Figures;
  versions: GrantVersions;
  parts: Parts;
}

/** Creates indexes and topics, and ends. In a new installation MongoDB and Kafka are started beside it: it waits for them. */
export async function migrateService(options: StartOptions): Promise<void> {
  const deadlineMs = performance.now() + infrastructureMs;
  for (;;) {
    try {
      return await migrateOnce(options);
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
      options.log.warn({ cause: error }, "could not migrate yet");
      await sleep(againMs);
    }
  }
}

async function migrateOnce(options: StartOptions): Promise<void> {
  const { store, bus, peers, parts } = await lay(options);
  const groups = options.definition.consumers?.(parts).map(({ group }) => group) ?? [];
  try {
    await store.migrate();
    await bus.migrate({ groups });
    options.log.info({}, "migrated");
  } finally {
    peers.close();
    await bus.close();
    await store.close();
  }
}

/** Starts a service: it is ready when its own store, bus and server are and it heard identity, or soon without that. */
export async function startService(options: StartOptions): Promise<Running> {
  const { definition, config, log } = options;
  const startedMs = performance.now();
  const telemetry = await startTelemetry({ endpoint: config.otlpEndpoint, service: definition.name });
  const foundation = await lay(options);
  const { store, bus, figures, versions, parts } = foundation;
  const state = { isReady: false, isDraining: false };
  const admin = await openAdminServer({
    port: config.adminPort,
    registry: figures.registry,
    live: () => liveness(bus),
    ready: () => readiness(store, state.isReady && !state.isDraining),
  });
  const { enforcer: strict, rightsOf, broadcasts, heard } = await openEnforcement(definition, parts, versions);
  const trail = createAuditLines({ store, service: definition.name, log });
  const enforcer = withTrail(strict, trail);
  setEnforcement(parts, { enforcer, rightsOf });
  const joined = join(bus, together([...broadcasts, ...(definition.broadcasts?.(parts) ?? [])]), log);
  const services = definition.api?.(parts) ?? {};
  const observe = observer(figures, log);
  const reflection = config.environment === "development" && config.rpcReflection === "on";
  const server =
    Object.keys(services).length > 0
      ? await serve({ services, port: config.rpcPort, enforcer, observe, trail, reflection })
      : undefined;
  const relay = bus.relay();
  figures.watch({ bus, relay, store });
  for (const subscription of definition.consumers?.(parts) ?? []) bus.consume(subscription);
  const background = await Promise.all(definition.background?.(parts) ?? []);
  void inTime(Promise.all([joined, heard])).then((isCurrent) => {
    if (state.isDraining) return;
    state.isReady = true;
    server?.setReady(true);
    const ms = Math.round(performance.now() - startedMs);
    log.info({ ms, adminPort: admin.port, rpcPort: server?.port, isCurrent }, "ready");
  });
  let ended: Promise<void> | undefined;
  return {
    stop: () => {
      state.isDraining = true;
      ended ??= drain(
        drainSteps({ ...options, ...foundation, server, trail, relay, background, admin, telemetry }),
        log,
      );
      return ended;
    },
  };
}

async function lay({ definition, config, log, clock }: StartOptions): Promise<Foundation> {
  const { name } = definition;
  const figures = createFigures();
  const source = `/partake/${name}`;
  const database = `${config.mongodbDatabasePrefix}_${name}`;
  const collections = [...definition.collections, hindrances];
  const { mongodbUri: uri, encryptionKeys, kafkaBrokers: brokers, kafkaPrefix: prefix } = config;
  const serviceToken = await openServiceTokens(name, config);
  const versions = new GrantVersions();
  const grantsKnown = (organisationId: string) => versions.known(organisationId);
  const grantsRaised = (organisationId: string, version: number) => versions.learn(organisationId, version);
  const grants = { grantsKnown, grantsRaised };
  const store = await openStore({ uri, database, collections, encryptionKeys, source, log, clock, ...grants });
  const bus = openBus({ brokers, prefix, clientId: name, store, source, log });
  const peers = openPeers({ service: name, config, serviceToken, observe: observer(figures, log) });
  const parts: Parts = {
    config,
    log,
    store,
    bus,
    clients: peers.clients,
    invoke: peers.invoke,
    get enforcer(): never {
      throw new Error("the enforcer is not there yet");
    },
    get rightsOf(): never {
      throw new Error("the live rights are not there yet");
    },
    metrics: figures.registry,
    clock,
    newId: (prefix) => newId(prefix, clock.now()),
  };
  return { store, bus, peers, figures, versions, parts };
}

/** What enforces reads grants through the parts, so it is made after them. */
function setEnforcement(parts: Parts, of: Pick<Parts, "enforcer" | "rightsOf">): void {
  for (const [name, value] of Object.entries(of)) Object.defineProperty(parts, name, { value, enumerable: true });
}

function observer(figures: Figures, log: Logger): (observation: Observation) => void {
  return (observation) => {
    figures.observe(observation);
    logObservation(log, observation);
  };
}

/** Joins the broadcasts beside everything else. What was read before that may have missed a change. */
async function join(bus: Bus, broadcast: Broadcast, log: Logger): Promise<void> {
  try {
    await bus.broadcast(broadcast);
    broadcast.lost();
  } catch (cause) {
    log.error({ cause }, "the broadcasts could not be joined");
  }
}

/** Whether it came before readiness is due all the same. */
function inTime(hearing: Promise<unknown>): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, hearMs, false).unref());
  return Promise.race([hearing.then(() => true), late]);
}

function liveness(bus: Bus): Check[] {
  return bus.lag().map(({ group, lag, joined, lastProgressAt }) => {
    const progressAgeMs = Date.now() - lastProgressAt;
    return { name: `consumer ${group}`, ok: progressAgeMs < stuckMs, joined, lag, progressAgeMs };
  });
}

async function readiness(store: Store, isReady: boolean): Promise<Check[]> {
  const own: Check = { name: "service", ok: isReady };
  if (!isReady) return [own];
  const isReachable = await Promise.race([
    store.ping().then(
      () => true,
      () => false,
    ),
    new Promise<boolean>((resolve) => setTimeout(resolve, pingMs, false).unref()),
  ]);
  return [own, { name: "database", ok: isReachable }];
}

interface Ending extends StartOptions, Foundation {
  server: RpcServer | undefined;
  trail: AuditLines;
  relay: Relay;
  background: readonly Running[];
  admin: AdminServer;
  telemetry: Running;
}

/** In all less than 25 s beside the grace, as Kubernetes gives little more. */
function drainSteps({ config, server, trail, relay, background, bus, peers, store, admin, telemetry }: Ending): Step[] {
  const graceMs = config.drainGraceSeconds * 1_000;
  server?.setReady(false);
  for (const one of background) one.leave?.();
  const stopServing = () => Promise.all([server?.stop(finishMs), ...background.map((one) => one.stop())]);
  return [
    { name: "grace", timeoutMs: graceMs + 100, run: () => sleep(graceMs) },
    { name: "finish calls", timeoutMs: finishMs + 500, run: stopServing },
    { name: "store audit lines", timeoutMs: pingMs, run: () => trail.stop() },
    { name: "flush outbox", timeoutMs: flushMs + 500, run: () => relay.flush(flushMs) },
    { name: "stop consumers", timeoutMs: closeMs, run: () => bus.close() },
    {
      name: "close",
      timeoutMs: 3_000,
      run: async () => {
        peers.close();
        await Promise.all([store.close(), admin.close(), telemetry.stop()]);
      },
    },
  ];
}
