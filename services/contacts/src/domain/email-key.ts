/** The form in which addresses are compared. Two that differ in case are one person's. */
export function emailKey(email: string): string {
  return email.trim().normalize("NFC").toLowerCase();
}
