// Runs in @supabase/lite's process before its own code.
import { registerHooks } from "node:module";

// The pipe at our input ends with the process that started us, however that one ends.
process.stdin.on("end", () => process.exit()).resume();

registerHooks({
  resolve(specifier, context, next) {
    const lite = specifier === "postgres" && context.parentURL?.includes("/@supabase/lite/");
    return next(lite ? new URL("driver.mjs", import.meta.url).href : specifier, context);
  },
});
