// One file, so that these go one after the other: they share a platform, and the last kills its services.
import "./tour.ts";
import "./demo.ts";
import "../matrix/matrix.ts";
import "./direct-calls.ts";
import "./privacy.ts";
import "./mail-links.ts";
import "./new-enemy.ts";
import "./revocation.ts";
import "./bytes.ts";
import "./rolling.ts";
import "./crashes.ts";
