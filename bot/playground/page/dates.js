const DAY_SECONDS = 86_400;

/** Bot API dates are Unix seconds; the page shows them in the browser's own time zone. */
export const moment = (seconds) => new Date(seconds * 1000);

export const dayKey = (seconds) => {
  const date = moment(seconds);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
};

export const clock = (seconds, language) =>
  moment(seconds).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export const fullDate = (seconds, language) =>
  moment(seconds).toLocaleString(language, { dateStyle: "long", timeStyle: "short", hourCycle: "h23" });

export function dayName(seconds, say) {
  const key = dayKey(seconds);
  const now = Date.now() / 1000;
  if (key === dayKey(now)) return say("today");
  if (key === dayKey(now - DAY_SECONDS)) return say("yesterday");
  const sameYear = moment(seconds).getFullYear() === new Date().getFullYear();
  return moment(seconds).toLocaleDateString(say.language, {
    day: "numeric",
    month: "long",
    year: sameYear ? undefined : "numeric",
  });
}

export function shortWhen(seconds, language) {
  if (dayKey(seconds) === dayKey(Date.now() / 1000)) return clock(seconds, language);
  return moment(seconds).toLocaleDateString(language, { day: "numeric", month: "short" });
}

/** How long a recording is: "0:07", "12:30", "1:02:03". */
export function duration(seconds) {
  const whole = Math.floor(seconds + 0.5);
  const two = (value) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
