// The driver for @supabase/lite 0.10, which encodes an argument of the type json or jsonb itself
// and then lets the driver encode the text once more: {"a": 1} would arrive as the string
// '{"a": 1}'. PostgREST passes both kinds on as they are.
import postgres from "postgres";

const once = (value) => (typeof value === "string" ? value : JSON.stringify(value));

export default (url, options) => {
  const types = { ...options.types };
  for (const name of ["json", "jsonb"]) types[name] = { ...types[name], serialize: once };
  return postgres(url, { ...options, types });
};
