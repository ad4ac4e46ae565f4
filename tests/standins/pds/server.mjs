// The reference Bluesky PDS on loopback, beside a stand-in for the PLC directory (where accounts' identities live).
// Prints one line of JSON when ready ({url, did, jwtSecret, adminPassword, bypassKey}) and ends when stdin closes, so
// that it never outlives the tests. Arguments: the folder for everything it stores, and an AppView's address and DID.
import http from "node:http";
import net from "node:net";
import crypto from "node:crypto";
import path from "node:path";
import { once } from "node:events";
import { PDS, envToCfg, envToSecrets } from "@atproto/pds";

const [folder, bskyAppViewUrl, bskyAppViewDid] = process.argv.slice(2);
const listenOnLoopback = (server, port) => once(server.listen(port, "127.0.0.1"), "listening");

/** The DID document of one PLC operation. https://web.plc.directory/spec/v0.1/did-plc */
const document = (did, op) => ({
  "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
  id: did,
  alsoKnownAs: op.alsoKnownAs,
  verificationMethod: Object.entries(op.verificationMethods).map(([name, key]) => ({
    id: `${did}#${name}`,
    type: "Multikey",
    controller: did,
    publicKeyMultibase: key.replace("did:key:", ""),
  })),
  service: Object.entries(op.services).map(([name, { type, endpoint }]) => ({
    id: `#${name}`,
    type,
    serviceEndpoint: endpoint,
  })),
});

const operations = new Map(); // DID -> its operations, oldest first
const plc = http.createServer(async (request, response) => {
  const [did, what, which] = decodeURIComponent(request.url).split("/").slice(1);
  const answer = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  if (request.method === "POST") {
    const chunks = await request.toArray();
    operations.set(did, [...(operations.get(did) ?? []), JSON.parse(Buffer.concat(chunks).toString())]);
    return answer(200, {});
  }
  const log = operations.get(did);
  if (!log) return answer(404, { message: "not registered" });
  const { prev, sig, type, ...data } = log.at(-1);
  if (what === "data") return answer(200, { did, ...data });
  if (what === "log") return answer(200, which === "last" ? log.at(-1) : log);
  return answer(200, document(did, data));
});
await listenOnLoopback(plc, 0);

// The PDS names its own port in its settings, so a free one is found first.
const probe = net.createServer();
await listenOnLoopback(probe, 0);
const { port } = probe.address();
await new Promise((done) => probe.close(done));

const secret = () => crypto.randomBytes(32).toString("hex");
const env = {
  port,
  hostname: "localhost",
  devMode: true,
  dataDirectory: folder,
  blobstoreDiskLocation: path.join(folder, "blobs"),
  didPlcUrl: `http://127.0.0.1:${plc.address().port}`,
  serviceHandleDomains: [".test"],
  enableDidDocWithSession: true,
  inviteRequired: false,
  bskyAppViewUrl,
  bskyAppViewDid,
  crawlers: [],
  disableSsrfProtection: true,
  rateLimitsEnabled: true,
  rateLimitBypassKey: secret(),
  jwtSecret: secret(),
  adminPassword: secret(),
  plcRotationKeyK256PrivateKeyHex: secret(),
};
const pds = await PDS.create(envToCfg(env), envToSecrets(env));
const listen = pds.app.listen.bind(pds.app);
pds.app.listen = (chosen) => listen(chosen, "127.0.0.1"); // it would listen on every interface
await pds.start();

console.log(
  JSON.stringify({
    url: `http://127.0.0.1:${port}`,
    did: pds.ctx.cfg.service.did,
    jwtSecret: env.jwtSecret,
    adminPassword: env.adminPassword,
    bypassKey: env.rateLimitBypassKey,
  }),
);
process.stdin.resume().on("end", () => process.exit(0));
