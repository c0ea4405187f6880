/** Somebody money goes to or comes from. All are invented. */
export interface Merchant {
  readonly name: string;
  /** Path of the category its bookings belong to. */
  readonly category: string;
  /** Smallest and largest amount in cents; spending is negative. */
  readonly cents: readonly [min: number, max: number];
}

const merchant = (name: string, category: string, ...cents: [min: number, max: number]): Merchant => ({
  name,
  category,
  cents,
});

export const HOME_MERCHANTS: readonly Merchant[] = [
  merchant('Kornblume Markt 0412', 'Food/Groceries/Supermarket', -9800, -640),
  merchant('Kornblume Markt 0077', 'Food/Groceries/Supermarket', -6200, -310),
  merchant('Wochenmarkt Lindenplatz', 'Food/Groceries/Market', -3400, -450),
  merchant('Bäckerei Sonnenkorn', 'Food/Groceries/Bakery', -1250, -180),
  merchant('Café Wolkenkuckuck ☕', 'Food/Eating out/Cafés', -1480, -320),
  merchant('Gasthaus Zum Rostigen Anker', 'Food/Eating out/Restaurants', -7600, -1450),
  merchant('Stadtverkehr Tiefenau', 'Transport/Public transport', -1160, -290),
  merchant('Tankhof Ost', 'Transport/Fuel', -8900, -2500),
  merchant('Apotheke am Rabenstein', 'Health/Pharmacy', -4200, -395),
  merchant('Kletterhalle Gneis', 'Leisure/Sport', -2600, -900),
  merchant('Blumen & Geschenke „Löwenzahn“ 🌷', 'Leisure/Geschenke 🎁', -5500, -890),
];

export const TRAVEL_MERCHANTS: readonly Merchant[] = [
  merchant('Épicerie du Petit Pont', 'Food/Groceries/Supermarket', -5400, -420),
  merchant('Boulangerie Tante Odile', 'Food/Groceries/Bakery', -1400, -110),
  merchant('Supermercado La Retama', 'Food/Groceries/Supermarket', -6100, -350),
  merchant('Trattoria del Gatto Blu', 'Food/Eating out/Restaurants', -8400, -1200),
  merchant('مطعم نخلة الضيافة', 'Food/Eating out/Restaurants', -6900, -1100),
  merchant('מסעדת השקד', 'Food/Eating out/Restaurants', -7200, -1300),
  merchant('カフェ 月のうさぎ', 'Food/Eating out/Cafés', -1900, -380),
  merchant('Librairie Les Trois Hiboux', 'Leisure/Books and music', -4800, -690),
  merchant('Książnica Pod Sową', 'Leisure/Books and music', -3900, -590),
  merchant('Ξενοδοχείο Γαλάζιο Κύμα', 'Leisure/Travel/Hotels', -42000, -7800),
  merchant('Pension Seeblick Altenmoor', 'Leisure/Travel/Hotels', -31000, -6400),
  merchant('Regiobahn Nordlinie', 'Leisure/Travel/Trains', -12900, -1290),
  merchant('Autohaus Zirbel', 'Transport/Car/Repairs', -68000, -4500),
  merchant('Rückerstattung Versandhaus Morgentau', 'Income/Refunds', 990, 12900),
];

export const BRITISH_MERCHANTS: readonly Merchant[] = [
  merchant('Thistledown Foods', 'Food/Groceries/Supermarket', -8200, -260),
  merchant('Marlow & Finch Bakers', 'Food/Groceries/Bakery', -1150, -140),
  merchant('The Crooked Kettle', 'Food/Eating out/Cafés', -1650, -280),
  merchant('Pennywhistle Books (Northmoor)', 'Leisure/Books and music', -4400, -599),
  merchant('Northmoor Rail', 'Leisure/Travel/Trains', -9600, -480),
  merchant('Harrow Mill Chemist', 'Health/Pharmacy', -2900, -199),
];

export const SAVING_MERCHANTS: readonly Merchant[] = [
  merchant('Zinsgutschrift', 'Income/Capital income/Interest', 12, 1890),
  merchant('Umbuchung Urlaubskasse', 'Finance/Transfers', -30000, -5000),
];

export const INVESTMENT_MERCHANTS: readonly Merchant[] = [
  merchant('DIVIDEND Larkspur Index Fund', 'Income/Capital income/Dividends', 410, 18400),
  merchant('BUY Larkspur Index Fund', 'Finance/Transfers', -25000, -4000),
  merchant('BUY Copperleaf Bond Fund', 'Finance/Transfers', -15000, -2000),
  merchant('Custody fee', 'Finance/Fees', -950, -95),
];

export const LOAN_MERCHANTS: readonly Merchant[] = [
  merchant('Sollzinsen Darlehen', 'Finance/Fees', -28900, -14200),
];

/** What leaves or reaches an account on the same day of each month. */
export interface StandingOrder {
  /** 1 to 28. */
  readonly dayOfMonth: number;
  readonly merchant: Merchant;
}

const monthly = (dayOfMonth: number, payee: Merchant): StandingOrder => ({ dayOfMonth, merchant: payee });

export const HOME_STANDING_ORDERS: readonly StandingOrder[] = [
  monthly(25, merchant('GEHALT Werkstatt für Windspiele GmbH', 'Income/Salary/Base pay', 418000, 418000)),
  monthly(25, merchant('LOHN Teilzeit Stadtarchiv Tiefenau', 'Income/Salary/Base pay', 176500, 176500)),
  monthly(25, merchant('Prämie Werkstatt für Windspiele', 'Income/Salary/Bonus', 2500, 45000)),
  monthly(1, merchant('Miete Lindenplatz 7', 'Housing/Rent', -118000, -118000)),
  monthly(1, merchant('Hausratversicherung Felsengrund', 'Housing/Insurance', -1890, -1890)),
  monthly(1, merchant('Kfz-Versicherung Felsengrund', 'Transport/Car/Insurance', -6420, -6420)),
  monthly(1, merchant('Strom Tiefenauer Stadtwerke', 'Housing/Utilities/Electricity', -8400, -8400)),
  monthly(1, merchant('Wasser Tiefenauer Stadtwerke', 'Housing/Utilities/Water', -3150, -3150)),
  monthly(3, merchant('Fernklang Telekom', 'Housing/Utilities/Internet', -4495, -4495)),
  monthly(26, merchant('Dauerauftrag Sparkonto', 'Finance/Transfers', -40000, -40000)),
  monthly(26, merchant('Darlehensrate Lindauer Baukredit', 'Finance/Loan', -72000, -72000)),
  monthly(27, merchant('Ausgleich Kreditkarte', 'Finance/Transfers', -160000, -90000)),
];

export const CARD_STANDING_ORDERS: readonly StandingOrder[] = [
  monthly(27, merchant('Zahlung erhalten – danke', 'Finance/Transfers', 90000, 160000)),
];

export const SAVING_STANDING_ORDERS: readonly StandingOrder[] = [
  monthly(26, merchant('Dauerauftrag vom Girokonto', 'Finance/Transfers', 40000, 40000)),
];

export const BRITISH_STANDING_ORDERS: readonly StandingOrder[] = [
  monthly(28, merchant('Northmoor Letting – room rent', 'Income/Sales', 62000, 62000)),
];

export const INVESTMENT_STANDING_ORDERS: readonly StandingOrder[] = [
  monthly(27, merchant('Deposit received', 'Finance/Transfers', 50000, 50000)),
];

export const LOAN_STANDING_ORDERS: readonly StandingOrder[] = [
  monthly(26, merchant('Rate Darlehen', 'Finance/Loan', 72000, 72000)),
];

/** Its sales all fall on one day. */
export const MARKET_STALL: Merchant = {
  name: 'Kartenzahlung Flohmarktstand Lindenplatz',
  category: 'Income/Sales',
  cents: [150, 2500],
};
