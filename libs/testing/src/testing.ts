// The door of @partake/testing: people and their mail, as a client of the platform would meet them; the platform of the test run;
// a Kafka that can be taken away; time and ids.
export { type BrokerProxy, startBrokerProxy } from "./broker-proxy.ts";
export { type FakeClock, fakeClock } from "./clock.ts";
export { CookieJar } from "./cookies.ts";
export { idOf, newId } from "./ids.ts";
export { type Browsed, browseTo, type LoggedIn, type LogInOptions, logIn } from "./log-in.ts";
export { type Mail, mailsTo, readMail } from "./mailbox.ts";
export { killService, restartService, type TestPlatformFacts, testPlatform } from "./platform.ts";
export type { TestCaller, TestRole } from "./played-identity.ts";
export { type ServiceWorld, type ServiceWorldOptions, startServiceWorld } from "./service-world.ts";
export { type Visitor, visit } from "./visitor.ts";
