// What the official JavaScript clients make of texts; the checks are compared with it.
// usage: node official.cjs NODE_MODULES < texts.json > answers.json   (texts: an array of strings)
// Needs @atproto/api, and gives X's length too where twitter-text is installed beside it.
const fs = require('node:fs')
const path = require('node:path')
const modules = path.resolve(process.argv[2])
const { RichText } = require(path.join(modules, '@atproto/api'))
const twitter = fs.existsSync(path.join(modules, 'twitter-text')) ? require(path.join(modules, 'twitter-text')) : null

const answers = JSON.parse(fs.readFileSync(0, 'utf8')).map((text) => {
  const rich = new RichText({ text })
  rich.detectFacetsWithoutResolution()
  const facets = (rich.facets ?? []).map(({ index, features: [feature] }) => ({
    byteStart: index.byteStart,
    byteEnd: index.byteEnd,
    kind: feature.$type.split('#')[1],
    value: feature.did ?? feature.uri ?? feature.tag,
  }))
  const answer = { text, graphemes: rich.graphemeLength, bytes: rich.length, facets }
  if (twitter) {
    const { weightedLength, valid } = twitter.parseTweet(text)
    Object.assign(answer, { weighted: weightedLength, valid, cashtags: twitter.extractCashtags(text).length })
  }
  return answer
})
process.stdout.write(JSON.stringify(answers))
