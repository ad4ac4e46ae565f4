BEGIN TRANSACTION;
CREATE TABLE attempts (
  id INTEGER PRIMARY KEY,
  delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
  run_id INTEGER NOT NULL REFERENCES runs (id),
  kind TEXT NOT NULL CHECK (kind IN ('prepare', 'send', 'look_up')),
  started_at TEXT NOT NULL,
  ended_at TEXT,
  outcome TEXT NOT NULL,
  http_status INTEGER,
  detail TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO "attempts" VALUES(1,1,1,'send','2026-03-01T10:07:00.000000Z','2026-03-01T10:07:00.000000Z','posted',NULL,'');
INSERT INTO "attempts" VALUES(2,2,1,'send','2026-03-01T10:07:00.000000Z','2026-03-01T10:07:00.000000Z','posted',NULL,'');
INSERT INTO "attempts" VALUES(3,3,2,'send','2026-03-01T11:07:00.000000Z','2026-03-01T11:07:00.000000Z','posted',NULL,'');
INSERT INTO "attempts" VALUES(4,4,2,'send','2026-03-01T11:07:00.000000Z','2026-03-01T11:07:00.000000Z','unknown',NULL,'reset');
INSERT INTO "attempts" VALUES(5,4,2,'look_up','2026-03-01T11:07:00.000000Z','2026-03-01T11:07:00.000000Z','unreadable',403,'reading is not allowed');
INSERT INTO "attempts" VALUES(6,4,2,'look_up','2026-03-01T11:07:01.000000Z','2026-03-01T11:07:01.000000Z','unreadable',403,'reading is not allowed');
INSERT INTO "attempts" VALUES(7,4,2,'look_up','2026-03-01T11:07:05.000000Z','2026-03-01T11:07:05.000000Z','unreadable',403,'reading is not allowed');
INSERT INTO "attempts" VALUES(8,4,3,'look_up','2026-03-01T12:07:05.000000Z','2026-03-01T12:07:05.000000Z','unreadable',403,'reading is not allowed');
INSERT INTO "attempts" VALUES(9,5,4,'send','2026-03-01T13:07:05.000000Z','2026-03-01T13:07:05.000000Z','posted',NULL,'');
INSERT INTO "attempts" VALUES(10,6,4,'send','2026-03-01T13:07:05.000000Z','2026-03-01T13:07:05.000000Z','posted',NULL,'');
INSERT INTO "attempts" VALUES(11,7,4,'send','2026-03-01T13:07:05.000000Z','2026-03-01T13:07:05.000000Z','posted',NULL,'');
INSERT INTO "attempts" VALUES(12,8,4,'send','2026-03-01T13:07:05.000000Z','2026-03-01T13:07:05.000000Z','not_sent',503,'503');
INSERT INTO "attempts" VALUES(13,8,4,'send','2026-03-01T13:07:05.828677Z','2026-03-01T13:07:05.828677Z','not_sent',503,'503');
INSERT INTO "attempts" VALUES(14,8,4,'send','2026-03-01T13:07:05.925944Z','2026-03-01T13:07:05.925944Z','not_sent',503,'503');
INSERT INTO "attempts" VALUES(15,8,4,'send','2026-03-01T13:07:07.267014Z','2026-03-01T13:07:07.267014Z','not_sent',503,'503');
CREATE TABLE audit_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  events INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;
INSERT INTO "audit_head" VALUES(1,41,'c8f38de3dc0a2a9edf9dd956ab56f3821c61c6621785e6d50d764475531a9ff6');
CREATE TABLE candidates (
  generation_id INTEGER NOT NULL REFERENCES generations (id),
  number INTEGER NOT NULL,
  parts TEXT NOT NULL,
  score REAL NOT NULL,
  scores TEXT NOT NULL,
  violations TEXT NOT NULL,
  verdict TEXT NOT NULL,
  PRIMARY KEY (generation_id, number)
) STRICT;
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY,
  draft_id INTEGER NOT NULL REFERENCES drafts (id),
  bot TEXT NOT NULL,
  platform TEXT NOT NULL,
  part INTEGER NOT NULL,
  account TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'sending', 'posted', 'failed', 'unknown', 'held')),
  text TEXT NOT NULL,
  request TEXT,
  remote_id TEXT,
  url TEXT,
  extra TEXT,
  cost_usd REAL NOT NULL DEFAULT 0,
  not_before TEXT,
  error TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  posted_at TEXT,
  resumed_at TEXT,
  UNIQUE (draft_id, platform, part),
  CHECK (status <> 'sending' OR request IS NOT NULL),
  CHECK ((status = 'posted') = (remote_id IS NOT NULL))
) STRICT;
INSERT INTO "deliveries" VALUES(1,1,'b','bluesky',0,'me@bluesky','posted','Green tea turns bitter when the water is too hot.','{"key": "k1", "text": "Green tea turns bitter when the water is too hot.", "reply": ""}','k1','https://bluesky.invalid/k1','{}',0.0,NULL,'','2026-03-01T10:07:00.000000Z','2026-03-01T10:07:00.000000Z','2026-03-01T10:07:00.000000Z',NULL);
INSERT INTO "deliveries" VALUES(2,1,'b','x',0,'me@x','posted','Green tea turns bitter when the water is too hot.','{"key": "k2", "text": "Green tea turns bitter when the water is too hot.", "reply": ""}','1','https://x.invalid/1','{}',0.0,NULL,'','2026-03-01T10:07:00.000000Z','2026-03-01T10:07:00.000000Z','2026-03-01T10:07:00.000000Z',NULL);
INSERT INTO "deliveries" VALUES(3,2,'b','bluesky',0,'me@bluesky','posted','Black tea takes four minutes.','{"key": "k3", "text": "Black tea takes four minutes.", "reply": ""}','k3','https://bluesky.invalid/k3','{}',0.0,NULL,'','2026-03-01T11:07:00.000000Z','2026-03-01T11:07:00.000000Z','2026-03-01T11:07:00.000000Z',NULL);
INSERT INTO "deliveries" VALUES(4,2,'b','x',0,'me@x','held','Black tea takes four minutes.','{"key": "k4", "text": "Black tea takes four minutes.", "reply": ""}',NULL,NULL,NULL,0.0,NULL,'its outcome can''t be looked up: reading is not allowed','2026-03-01T11:07:00.000000Z','2026-03-01T12:07:05.000000Z',NULL,NULL);
INSERT INTO "deliveries" VALUES(5,3,'b','bluesky',0,'me@bluesky','posted','Tea comes in six kinds.','{"key": "k5", "text": "Tea comes in six kinds.", "reply": ""}','k5','https://bluesky.invalid/k5','{}',0.0,NULL,'','2026-03-01T13:07:05.000000Z','2026-03-01T13:07:05.000000Z','2026-03-01T13:07:05.000000Z',NULL);
INSERT INTO "deliveries" VALUES(6,3,'b','bluesky',1,'me@bluesky','posted','Pu-erh is one of them.','{"key": "k6", "text": "Pu-erh is one of them.", "reply": "k5"}','k6','https://bluesky.invalid/k6','{}',0.0,NULL,'','2026-03-01T13:07:05.000000Z','2026-03-01T13:07:05.000000Z','2026-03-01T13:07:05.000000Z',NULL);
INSERT INTO "deliveries" VALUES(7,3,'b','x',0,'me@x','posted','Tea comes in six kinds.','{"key": "k7", "text": "Tea comes in six kinds.", "reply": ""}','2','https://x.invalid/2','{}',0.0,NULL,'','2026-03-01T13:07:05.000000Z','2026-03-01T13:07:05.000000Z','2026-03-01T13:07:05.000000Z',NULL);
INSERT INTO "deliveries" VALUES(8,3,'b','x',1,'me@x','queued','Pu-erh is one of them.','{"key": "k8", "text": "Pu-erh is one of them.", "reply": "2"}',NULL,NULL,NULL,0.0,NULL,'503','2026-03-01T13:07:05.000000Z','2026-03-01T13:07:07.267014Z',NULL,NULL);
CREATE TABLE drafts (
  id INTEGER PRIMARY KEY,
  bot TEXT NOT NULL,
  run_id INTEGER REFERENCES runs (id),
  origin TEXT NOT NULL CHECK (origin IN ('generator', 'person')),
  status TEXT NOT NULL CHECK (status IN ('needs_attention', 'pending', 'approved', 'publishing', 'posted',
                                         'partly_posted', 'failed', 'skipped', 'expired')),
  topic TEXT NOT NULL,
  format TEXT NOT NULL,
  item_id INTEGER REFERENCES items (id),
  platforms TEXT NOT NULL,
  language TEXT NOT NULL,
  text_hash TEXT NOT NULL,
  approved_hash TEXT,
  normalised_hash TEXT NOT NULL,
  slot TEXT,
  choice TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  published_at TEXT,
  reason TEXT NOT NULL DEFAULT '', links TEXT NOT NULL DEFAULT '{}',
  UNIQUE (bot, slot)
) STRICT;
INSERT INTO "drafts" VALUES(1,'b',NULL,'generator','posted','','',NULL,'["bluesky", "x"]','en','dd07e661001418769160e0fcb51a3d7a947cb56d7461654e8476864241c31116','dd07e661001418769160e0fcb51a3d7a947cb56d7461654e8476864241c31116','f22d62d677730ed19e222de3f2faf59735325af468d5fb5db0a5e942dfdab345','2026-03-01T10:00:00.000000Z','{}','2026-03-01T10:07:00.000000Z','2026-03-04T10:07:00.000000Z','2026-03-01T10:07:00.000000Z','','{}');
INSERT INTO "drafts" VALUES(2,'b',NULL,'generator','partly_posted','','',NULL,'["bluesky", "x"]','en','a87f5b1acaaa6d06a2266abfc0a04d1143b1af7a2763585f739c300bc9c5cc1b','a87f5b1acaaa6d06a2266abfc0a04d1143b1af7a2763585f739c300bc9c5cc1b','b729af5a026e2f3feee2aaa01a3d6081806d6b668b0caa7230dd71207e0cd8dc','2026-03-01T11:00:00.000000Z','{}','2026-03-01T11:07:00.000000Z','2026-03-04T11:07:00.000000Z','2026-03-01T11:07:00.000000Z','x part 1 held: its outcome can''t be looked up: reading is not allowed','{}');
INSERT INTO "drafts" VALUES(3,'b',NULL,'person','publishing','','',NULL,'["bluesky", "x"]','en','4147de0a8b689ece4f51e0f7aca1afd6b3e436e491d0bb1711f5b811d4d622db','4147de0a8b689ece4f51e0f7aca1afd6b3e436e491d0bb1711f5b811d4d622db','2c74c67ba13bfcb13cd22a1a0cd5dbc2525e6366fc70043767a48fc8b2a65d06','2026-03-01T13:00:05.000000Z','{}','2026-03-01T13:07:05.000000Z','2026-03-04T13:07:05.000000Z','2026-03-01T13:07:05.000000Z','','{}');
INSERT INTO "drafts" VALUES(4,'b',1,'generator','approved','tea','tip',1,'["bluesky", "x"]','en','b7f652d2f7f0d595b110e9032e39f461c2afe9a978cc91f4907e8fdb8f8483e0','b7f652d2f7f0d595b110e9032e39f461c2afe9a978cc91f4907e8fdb8f8483e0','d9967c05e5e91ae918518b139dfb23d7b9c3ef3c43c9a477c3472c44b9a55275',NULL,'{}','2026-03-01T13:07:07.267014Z','2026-03-04T13:07:07.267014Z',NULL,'','{}');
INSERT INTO "drafts" VALUES(5,'b',1,'generator','approved','tea','tip',1,'["bluesky", "x"]','en','98e9cc38e9e2e29abd8f86965f78507ccb179d043a26c4906122876a284c7d49','98e9cc38e9e2e29abd8f86965f78507ccb179d043a26c4906122876a284c7d49','e78ab6b3d5255aee7cd94c140ac45acbef9123b11880719cf90e81b769ed637c',NULL,'{}','2026-03-01T13:07:07.267014Z','2026-03-04T13:07:07.267014Z',NULL,'','{}');
CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  bot TEXT NOT NULL,
  run_id INTEGER,
  draft_id INTEGER,
  delivery_id INTEGER,
  kind TEXT NOT NULL,
  data TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
INSERT INTO "events" VALUES(1,'2026-03-01T10:07:00.000000Z','b',NULL,1,NULL,'draft_saved','{"origin": "generator", "text_hash": "dd07e661001418769160e0fcb51a3d7a947cb56d7461654e8476864241c31116"}','0000000000000000000000000000000000000000000000000000000000000000','528dd20ff3ef3030764f0556342945b6eb6b587d189157a7c1a3e76c9ed8616e');
INSERT INTO "events" VALUES(2,'2026-03-01T10:07:00.000000Z','b',1,NULL,NULL,'run_started','{"verb": "run", "slot": "2026-03-01T10:07:00.000000Z"}','528dd20ff3ef3030764f0556342945b6eb6b587d189157a7c1a3e76c9ed8616e','62c2fef922019155eac008a1573e44a80a2f121e47208ea95bbe52aa69ce4ffb');
INSERT INTO "events" VALUES(3,'2026-03-01T10:07:00.000000Z','b',1,1,NULL,'draft_publishing','{"before": "approved", "reason": ""}','62c2fef922019155eac008a1573e44a80a2f121e47208ea95bbe52aa69ce4ffb','39d293c413035377e7b4261643b18ad05bc907b42d768e15e58e1205c7586646');
INSERT INTO "events" VALUES(4,'2026-03-01T10:07:00.000000Z','b',1,1,1,'delivery_sending','{"platform": "bluesky", "part": 0, "before": "queued"}','39d293c413035377e7b4261643b18ad05bc907b42d768e15e58e1205c7586646','e615434896da2ccc3a7e263ba4fb582626c59739f510a1a0d684eab69c08d407');
INSERT INTO "events" VALUES(5,'2026-03-01T10:07:00.000000Z','b',1,1,1,'delivery_posted','{"platform": "bluesky", "part": 0, "before": "sending", "remote_id": "k1"}','e615434896da2ccc3a7e263ba4fb582626c59739f510a1a0d684eab69c08d407','0598966646cdc6114b2a789f2978cdf0a8f22f1f4ff8236f4f11e69d54664b3e');
INSERT INTO "events" VALUES(6,'2026-03-01T10:07:00.000000Z','b',1,1,2,'delivery_sending','{"platform": "x", "part": 0, "before": "queued"}','0598966646cdc6114b2a789f2978cdf0a8f22f1f4ff8236f4f11e69d54664b3e','c18748566e4b0150e64aef117064450ad38da928071f38a0f82ccb51a705985a');
INSERT INTO "events" VALUES(7,'2026-03-01T10:07:00.000000Z','b',1,1,2,'delivery_posted','{"platform": "x", "part": 0, "before": "sending", "remote_id": "1"}','c18748566e4b0150e64aef117064450ad38da928071f38a0f82ccb51a705985a','c1f87df72b5675c2daf07587ffd56cb12d2ef0b726a800aedca70648d3841264');
INSERT INTO "events" VALUES(8,'2026-03-01T10:07:00.000000Z','b',1,1,NULL,'draft_posted','{"before": "publishing", "reason": ""}','c1f87df72b5675c2daf07587ffd56cb12d2ef0b726a800aedca70648d3841264','f5789beb44b3e00a9de349f9bccc9e566e271edb6cf23418752d45cfad960f42');
INSERT INTO "events" VALUES(9,'2026-03-01T10:07:00.000000Z','b',1,NULL,NULL,'run_ended','{"outcome": "posted", "reason": ""}','f5789beb44b3e00a9de349f9bccc9e566e271edb6cf23418752d45cfad960f42','ef9528a56c1ec45ee7203b3ef6d999bc949a7becf41289a585be16ea15bb7d7a');
INSERT INTO "events" VALUES(10,'2026-03-01T11:07:00.000000Z','b',NULL,2,NULL,'draft_saved','{"origin": "generator", "text_hash": "a87f5b1acaaa6d06a2266abfc0a04d1143b1af7a2763585f739c300bc9c5cc1b"}','ef9528a56c1ec45ee7203b3ef6d999bc949a7becf41289a585be16ea15bb7d7a','47ccf9789dda7cf75c9a7f06cbc3d46fa86dd97ad7f322ca67d7b4532d16cd16');
INSERT INTO "events" VALUES(11,'2026-03-01T11:07:00.000000Z','b',2,NULL,NULL,'run_started','{"verb": "run", "slot": "2026-03-01T11:07:00.000000Z"}','47ccf9789dda7cf75c9a7f06cbc3d46fa86dd97ad7f322ca67d7b4532d16cd16','17ed0ebdb128896d64fa88c71a50efdec97da1fb8f316711198cece28f7a93d3');
INSERT INTO "events" VALUES(12,'2026-03-01T11:07:00.000000Z','b',2,2,NULL,'draft_publishing','{"before": "approved", "reason": ""}','17ed0ebdb128896d64fa88c71a50efdec97da1fb8f316711198cece28f7a93d3','ed799ff31e35d432d0d47a97adad7eefaa13f56588acbd0841ef1204ba5ccf18');
INSERT INTO "events" VALUES(13,'2026-03-01T11:07:00.000000Z','b',2,2,3,'delivery_sending','{"platform": "bluesky", "part": 0, "before": "queued"}','ed799ff31e35d432d0d47a97adad7eefaa13f56588acbd0841ef1204ba5ccf18','3f219f293d30965e603bd1bde48f2b1f2799456be9affb39824a96311af9740c');
INSERT INTO "events" VALUES(14,'2026-03-01T11:07:00.000000Z','b',2,2,3,'delivery_posted','{"platform": "bluesky", "part": 0, "before": "sending", "remote_id": "k3"}','3f219f293d30965e603bd1bde48f2b1f2799456be9affb39824a96311af9740c','62bf862fbe43332b6ab8fca81e58b9611323e11b07261258e1b8d230346186c9');
INSERT INTO "events" VALUES(15,'2026-03-01T11:07:00.000000Z','b',2,2,4,'delivery_sending','{"platform": "x", "part": 0, "before": "queued"}','62bf862fbe43332b6ab8fca81e58b9611323e11b07261258e1b8d230346186c9','6350cf8f690e32069d42fed58851c7cc4c3c9008ae42367f99f1363d1e78a7f4');
INSERT INTO "events" VALUES(16,'2026-03-01T11:07:00.000000Z','b',2,2,4,'delivery_unknown','{"platform": "x", "part": 0, "before": "sending", "error": "reset"}','6350cf8f690e32069d42fed58851c7cc4c3c9008ae42367f99f1363d1e78a7f4','3508b86b9806a088c2bc053fb54f650d8ce8181bac022e87cd26ada7096c75bf');
INSERT INTO "events" VALUES(17,'2026-03-01T11:07:05.000000Z','b',2,NULL,NULL,'run_ended','{"outcome": "posted", "reason": ""}','3508b86b9806a088c2bc053fb54f650d8ce8181bac022e87cd26ada7096c75bf','67ce8295d2f56741965154c023fa5cede354a719f319aaac0e03711a07b63b4f');
INSERT INTO "events" VALUES(18,'2026-03-01T12:07:05.000000Z','b',3,NULL,NULL,'run_started','{"verb": "run", "slot": "2026-03-01T12:07:05.000000Z"}','67ce8295d2f56741965154c023fa5cede354a719f319aaac0e03711a07b63b4f','f9d48c439595e542e666dfc2b422c9d12a9a65eafba436a8d7994da05f393aa5');
INSERT INTO "events" VALUES(19,'2026-03-01T12:07:05.000000Z','b',3,2,4,'delivery_held','{"platform": "x", "part": 0, "before": "unknown", "error": "its outcome can''t be looked up: reading is not allowed"}','f9d48c439595e542e666dfc2b422c9d12a9a65eafba436a8d7994da05f393aa5','d004983a39b6ee8dd35b82b6acfe6b4816ea86d6f96a0fcf94950b90256bd188');
INSERT INTO "events" VALUES(20,'2026-03-01T12:07:05.000000Z','b',3,2,NULL,'draft_partly_posted','{"before": "publishing", "reason": "x part 1 held: its outcome can''t be looked up: reading is not allowed"}','d004983a39b6ee8dd35b82b6acfe6b4816ea86d6f96a0fcf94950b90256bd188','3ddb9b397a0e23d78085ce39f7b9538872c23ca3af1667514a4c42e5c0ed2771');
INSERT INTO "events" VALUES(21,'2026-03-01T12:07:05.000000Z','b',3,NULL,NULL,'run_ended','{"outcome": "posted", "reason": ""}','3ddb9b397a0e23d78085ce39f7b9538872c23ca3af1667514a4c42e5c0ed2771','0f7dd677656b82ae7b28abe8fbec26e3daa1bc999544e2f284e9f67be8373623');
INSERT INTO "events" VALUES(22,'2026-03-01T13:07:05.000000Z','b',NULL,3,NULL,'draft_saved','{"origin": "person", "text_hash": "4147de0a8b689ece4f51e0f7aca1afd6b3e436e491d0bb1711f5b811d4d622db"}','0f7dd677656b82ae7b28abe8fbec26e3daa1bc999544e2f284e9f67be8373623','7e04b59d8fa0f6a999a3e1a6acc0119c729b7fe0ca0eed0db3f73c7c9e9c1e81');
INSERT INTO "events" VALUES(23,'2026-03-01T13:07:05.000000Z','b',4,NULL,NULL,'run_started','{"verb": "run", "slot": "2026-03-01T13:07:05.000000Z"}','7e04b59d8fa0f6a999a3e1a6acc0119c729b7fe0ca0eed0db3f73c7c9e9c1e81','65fe7cd6d33f3e5183abc8ed8234e5508765a03422dfa2865b87e47b113db59e');
INSERT INTO "events" VALUES(24,'2026-03-01T13:07:05.000000Z','b',4,3,NULL,'draft_publishing','{"before": "approved", "reason": ""}','65fe7cd6d33f3e5183abc8ed8234e5508765a03422dfa2865b87e47b113db59e','7fc1c2b1d5cdf0b3a642fd7f683fac3eaabff517782cbc399d7fb4be717204ef');
INSERT INTO "events" VALUES(25,'2026-03-01T13:07:05.000000Z','b',4,3,5,'delivery_sending','{"platform": "bluesky", "part": 0, "before": "queued"}','7fc1c2b1d5cdf0b3a642fd7f683fac3eaabff517782cbc399d7fb4be717204ef','f2d8a8203bbe48615954685ea760bc08587b74cd64ad570b8636c324f473325a');
INSERT INTO "events" VALUES(26,'2026-03-01T13:07:05.000000Z','b',4,3,6,'delivery_sending','{"platform": "bluesky", "part": 1, "before": "queued"}','f2d8a8203bbe48615954685ea760bc08587b74cd64ad570b8636c324f473325a','9334a04b553fd3e76a29ce2fd97bd5cc01bfd9eb99f8bf1cf1d23c239a7732f0');
INSERT INTO "events" VALUES(27,'2026-03-01T13:07:05.000000Z','b',4,3,5,'delivery_posted','{"platform": "bluesky", "part": 0, "before": "sending", "remote_id": "k5"}','9334a04b553fd3e76a29ce2fd97bd5cc01bfd9eb99f8bf1cf1d23c239a7732f0','f571261407afb53fd4d20c5112257266f915c1ec5a51240584958a571ed11c2b');
INSERT INTO "events" VALUES(28,'2026-03-01T13:07:05.000000Z','b',4,3,6,'delivery_posted','{"platform": "bluesky", "part": 1, "before": "sending", "remote_id": "k6"}','f571261407afb53fd4d20c5112257266f915c1ec5a51240584958a571ed11c2b','19c84c87b4afe47fc4cc0aa51126fff5e6a1f11092e540f683f751e096ba775b');
INSERT INTO "events" VALUES(29,'2026-03-01T13:07:05.000000Z','b',4,3,7,'delivery_sending','{"platform": "x", "part": 0, "before": "queued"}','19c84c87b4afe47fc4cc0aa51126fff5e6a1f11092e540f683f751e096ba775b','dc4a545a72c8f7ec878e735c0c4a1a43cd04683ed29618e814fa864cbcff10fa');
INSERT INTO "events" VALUES(30,'2026-03-01T13:07:05.000000Z','b',4,3,7,'delivery_posted','{"platform": "x", "part": 0, "before": "sending", "remote_id": "2"}','dc4a545a72c8f7ec878e735c0c4a1a43cd04683ed29618e814fa864cbcff10fa','e7431ee4b532563657af16367f1481dd9bfbcbc883a98ac1d52e5f3831ab786f');
INSERT INTO "events" VALUES(31,'2026-03-01T13:07:05.000000Z','b',4,3,8,'delivery_sending','{"platform": "x", "part": 1, "before": "queued"}','e7431ee4b532563657af16367f1481dd9bfbcbc883a98ac1d52e5f3831ab786f','f3b5b9938959be1e29d8bc607178d5bbead53bf4b8d2c03b204dea490d03b20e');
INSERT INTO "events" VALUES(32,'2026-03-01T13:07:05.000000Z','b',4,3,8,'delivery_queued','{"platform": "x", "part": 1, "before": "sending", "error": "503"}','f3b5b9938959be1e29d8bc607178d5bbead53bf4b8d2c03b204dea490d03b20e','a5fe2c0d4d7c34281885da81a76d95e6f926b0820bf09c6efbfe0e68d0d38dff');
INSERT INTO "events" VALUES(33,'2026-03-01T13:07:05.828677Z','b',4,3,8,'delivery_sending','{"platform": "x", "part": 1, "before": "queued"}','a5fe2c0d4d7c34281885da81a76d95e6f926b0820bf09c6efbfe0e68d0d38dff','5940be469eb68378b5c4393abd74a564d65cfcd7bcb86e4de68c98278725b870');
INSERT INTO "events" VALUES(34,'2026-03-01T13:07:05.828677Z','b',4,3,8,'delivery_queued','{"platform": "x", "part": 1, "before": "sending", "error": "503"}','5940be469eb68378b5c4393abd74a564d65cfcd7bcb86e4de68c98278725b870','c3808279ca201bd260dcc98c78273095e3468a40f65a6c663ddd1e922e8a35aa');
INSERT INTO "events" VALUES(35,'2026-03-01T13:07:05.925944Z','b',4,3,8,'delivery_sending','{"platform": "x", "part": 1, "before": "queued"}','c3808279ca201bd260dcc98c78273095e3468a40f65a6c663ddd1e922e8a35aa','16ca3a70058a878cdd0a29afe874b74f32d5148b65e0074d4b9b046e75dc2ae7');
INSERT INTO "events" VALUES(36,'2026-03-01T13:07:05.925944Z','b',4,3,8,'delivery_queued','{"platform": "x", "part": 1, "before": "sending", "error": "503"}','16ca3a70058a878cdd0a29afe874b74f32d5148b65e0074d4b9b046e75dc2ae7','923678be9aa96dc9a497a6c5d28371ff6097451ac8afc3d6adfa48af82ef4818');
INSERT INTO "events" VALUES(37,'2026-03-01T13:07:07.267014Z','b',4,3,8,'delivery_sending','{"platform": "x", "part": 1, "before": "queued"}','923678be9aa96dc9a497a6c5d28371ff6097451ac8afc3d6adfa48af82ef4818','ba2347c5d344927cae8ef30cb443737fb640ae67f529bc322a82e18db656b33e');
INSERT INTO "events" VALUES(38,'2026-03-01T13:07:07.267014Z','b',4,3,8,'delivery_queued','{"platform": "x", "part": 1, "before": "sending", "error": "503"}','ba2347c5d344927cae8ef30cb443737fb640ae67f529bc322a82e18db656b33e','abb13ee410b9e3e2edbbf7a7e155d0a1d416de0b108a796d56a320d88570ae8f');
INSERT INTO "events" VALUES(39,'2026-03-01T13:07:07.267014Z','b',4,NULL,NULL,'run_ended','{"outcome": "posted", "reason": ""}','abb13ee410b9e3e2edbbf7a7e155d0a1d416de0b108a796d56a320d88570ae8f','4225cb923b342d78538561f2c3cfe71515094d19ab35e737580790d526f3e5fc');
INSERT INTO "events" VALUES(40,'2026-03-01T13:07:07.267014Z','b',1,4,NULL,'draft_saved','{"origin": "generator", "text_hash": "b7f652d2f7f0d595b110e9032e39f461c2afe9a978cc91f4907e8fdb8f8483e0"}','4225cb923b342d78538561f2c3cfe71515094d19ab35e737580790d526f3e5fc','7e3d7b5fe2a53e640f85069e1ad4547fcbf2c2e9316fd032483790696bbb6975');
INSERT INTO "events" VALUES(41,'2026-03-01T13:07:07.267014Z','b',1,5,NULL,'draft_saved','{"origin": "generator", "text_hash": "98e9cc38e9e2e29abd8f86965f78507ccb179d043a26c4906122876a284c7d49"}','7e3d7b5fe2a53e640f85069e1ad4547fcbf2c2e9316fd032483790696bbb6975','c8f38de3dc0a2a9edf9dd956ab56f3821c61c6621785e6d50d764475531a9ff6');
CREATE TABLE generations (
  id INTEGER PRIMARY KEY,
  run_id INTEGER REFERENCES runs (id),
  draft_id INTEGER REFERENCES drafts (id),
  item_id INTEGER REFERENCES items (id),
  generator TEXT NOT NULL,
  model TEXT NOT NULL,
  revision TEXT NOT NULL,
  seed INTEGER,
  prompt TEXT NOT NULL,
  raw TEXT NOT NULL,
  tokens_in INTEGER NOT NULL,
  tokens_out INTEGER NOT NULL,
  cost_usd REAL,
  seconds REAL NOT NULL,
  verdict TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
INSERT INTO "generations" VALUES(1,1,4,1,'chooser','m','r',1,'','',0,0,0.01,0.2,'chosen','2026-03-01T13:07:07.267014Z');
INSERT INTO "generations" VALUES(2,1,5,1,'chooser','m','r',1,'','',0,0,0.0,0.2,'chosen','2026-03-01T13:07:07.267014Z');
CREATE TABLE installation (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  uuid TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
INSERT INTO "installation" VALUES(1,'a0289680-1b93-44c8-8e8f-a8b54673ad10','2026-03-01T10:07:00.000000Z');
CREATE TABLE items (
  id INTEGER PRIMARY KEY,
  bot TEXT NOT NULL,
  source TEXT NOT NULL,
  key TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  url TEXT NOT NULL,
  label TEXT NOT NULL,
  wordings TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  first_seen_at TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  retired_at TEXT, kind TEXT NOT NULL DEFAULT 'note', published_at TEXT, postable INTEGER NOT NULL DEFAULT 1 CHECK (postable IN (0, 1)), indexed TEXT NOT NULL DEFAULT '',
  UNIQUE (bot, source, key)
) STRICT;
INSERT INTO "items" VALUES(1,'b','notes','tea','','Green tea turns bitter when the water is too hot.','','tea','[]','4da8a6759e0efc2219d610ce00e94d0bff8828f06043031e314b2e53736a2f3b','2026-03-01T10:07:00.000000Z','2026-03-01T10:07:00.000000Z',NULL,'note',NULL,1,'');
CREATE TABLE parts (
  draft_id INTEGER NOT NULL REFERENCES drafts (id),
  number INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (draft_id, number)
) STRICT;
INSERT INTO "parts" VALUES(1,0,'Green tea turns bitter when the water is too hot.');
INSERT INTO "parts" VALUES(2,0,'Black tea takes four minutes.');
INSERT INTO "parts" VALUES(3,0,'Tea comes in six kinds.');
INSERT INTO "parts" VALUES(3,1,'Pu-erh is one of them.');
INSERT INTO "parts" VALUES(4,0,'Oolong is half oxidised.');
INSERT INTO "parts" VALUES(5,0,'White tea is picked young.');
CREATE TABLE passages (
  id INTEGER PRIMARY KEY,
  item_id INTEGER NOT NULL REFERENCES items (id),
  number INTEGER NOT NULL,
  heading TEXT NOT NULL,
  text TEXT NOT NULL,
  model TEXT NOT NULL,
  dimensions INTEGER NOT NULL,
  vector BLOB NOT NULL,
  UNIQUE (item_id, number),
  CHECK (length(vector) = 4 * dimensions)
) STRICT;
CREATE TABLE pauses (
  bot TEXT PRIMARY KEY,
  reason TEXT NOT NULL,
  paused_at TEXT NOT NULL
) STRICT;
CREATE TABLE post_vectors (
  draft_id INTEGER PRIMARY KEY REFERENCES drafts (id),
  model TEXT NOT NULL,
  dimensions INTEGER NOT NULL,
  vector BLOB NOT NULL,
  CHECK (length(vector) = 4 * dimensions)
) STRICT;
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  bot TEXT NOT NULL,
  verb TEXT NOT NULL,
  slot TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  pid INTEGER NOT NULL
) STRICT;
INSERT INTO "runs" VALUES(1,'b','run','2026-03-01T10:07:00.000000Z','2026-03-01T10:07:00.000000Z','2026-03-01T10:07:00.000000Z','posted','',1);
INSERT INTO "runs" VALUES(2,'b','run','2026-03-01T11:07:00.000000Z','2026-03-01T11:07:00.000000Z','2026-03-01T11:07:05.000000Z','posted','',1);
INSERT INTO "runs" VALUES(3,'b','run','2026-03-01T12:07:05.000000Z','2026-03-01T12:07:05.000000Z','2026-03-01T12:07:05.000000Z','posted','',1);
INSERT INTO "runs" VALUES(4,'b','run','2026-03-01T13:07:05.000000Z','2026-03-01T13:07:05.000000Z','2026-03-01T13:07:07.267014Z','posted','',1);
CREATE TABLE sources (
  bot TEXT NOT NULL,
  name TEXT NOT NULL,
  signature TEXT NOT NULL,
  state TEXT NOT NULL,
  looked_at TEXT NOT NULL,
  succeeded_at TEXT,
  error TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (bot, name)
) STRICT;
CREATE INDEX runs_by_bot ON runs (bot, id);
CREATE INDEX drafts_by_status ON drafts (bot, status, id);
CREATE INDEX generations_by_draft ON generations (draft_id);
CREATE INDEX generations_by_run ON generations (run_id);
CREATE UNIQUE INDEX deliveries_by_remote_id ON deliveries (platform, account, remote_id);
CREATE INDEX deliveries_by_status ON deliveries (status, bot);
CREATE INDEX attempts_by_delivery ON attempts (delivery_id, id);
CREATE TRIGGER attempts_end_once BEFORE UPDATE ON attempts WHEN OLD.ended_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an attempt never changes after it ended'); END;
CREATE TRIGGER attempts_stay BEFORE DELETE ON attempts
BEGIN SELECT RAISE(ABORT, 'attempts are never deleted'); END;
CREATE INDEX events_by_draft ON events (draft_id);
CREATE INDEX events_by_run ON events (run_id);
CREATE TRIGGER events_stay BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE INDEX runs_open ON runs (id) WHERE outcome = 'running';
CREATE INDEX deliveries_by_cost ON deliveries (bot, posted_at, cost_usd) WHERE cost_usd > 0;
CREATE INDEX generations_by_cost ON generations (created_at, cost_usd, run_id) WHERE cost_usd > 0;
CREATE INDEX deliveries_by_wait ON deliveries (platform, account, not_before) WHERE not_before IS NOT NULL;
CREATE INDEX deliveries_by_post ON deliveries (platform, account, posted_at) WHERE remote_id IS NOT NULL;
CREATE INDEX drafts_by_time ON drafts (bot, published_at) WHERE published_at IS NOT NULL;
CREATE INDEX drafts_published ON drafts (published_at, id) WHERE published_at IS NOT NULL;
CREATE INDEX drafts_by_bot ON drafts (bot, created_at, id);
CREATE INDEX drafts_by_item ON drafts (item_id, created_at) WHERE item_id IS NOT NULL;
CREATE INDEX attempts_by_run ON attempts (run_id);
CREATE INDEX drafts_by_run ON drafts (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX drafts_threads ON drafts (bot, created_at) WHERE format = 'thread';
CREATE INDEX drafts_by_hash ON drafts (normalised_hash);
PRAGMA application_id = 1953983847;
PRAGMA user_version = 7;
COMMIT;
