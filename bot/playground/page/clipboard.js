/** Copy and say so; a page that is not on a secure origin may be refused. */
export async function copyText(text, say, notices) {
  try {
    await navigator.clipboard.writeText(text);
    notices.toast(say("copied"));
  } catch {
    notices.toast(say("notCopied"));
  }
}
