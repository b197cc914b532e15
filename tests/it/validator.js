// Judges YAML files by JSON schemas with programs that are not ours: the npm packages `yaml` and `ajv`.
// Standard input: [{ file, schema, draft }]; standard output: [true | false | null], null where the file is no YAML.
const fs = require("fs");
const YAML = require("yaml");
const makers = { "draft-07": require("ajv"), "2020-12": require("ajv/dist/2020") };
const compiled = new Map();

function validator(schema, draft) {
  if (!compiled.has(schema)) {
    const Ajv = makers[draft].default || makers[draft];
    const ajv = new Ajv({ strict: false, allErrors: false });
    compiled.set(schema, ajv.compile(JSON.parse(fs.readFileSync(schema, "utf8"))));
  }
  return compiled.get(schema);
}

const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const verdicts = asked.map(({ file, schema, draft }) => {
  const document = YAML.parseDocument(fs.readFileSync(file, "utf8"), { version: "1.2", merge: true });
  if (document.errors.length > 0) return null;
  return validator(schema, draft)(document.toJS());
});
process.stdout.write(JSON.stringify(verdicts));
