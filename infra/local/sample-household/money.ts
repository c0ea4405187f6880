/** `-12.50` for -1250: exact, with both digits, as a bank writes it. */
export const decimalFromCents = (cents: number): string => {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};
