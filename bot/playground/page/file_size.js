/** A size for people: "1,5 МБ"; nothing where it is not known. */
export function fileSize(bytes, say) {
  if (bytes === undefined) return "";
  const round = (value) => new Intl.NumberFormat(say.language, { maximumFractionDigits: 1 }).format(value);
  if (bytes < 1024) return `${round(bytes)} ${say("bytes")}`;
  if (bytes < 1024 * 1024) return `${round(bytes / 1024)} ${say("kilobytes")}`;
  return `${round(bytes / 1024 / 1024)} ${say("megabytes")}`;
}
