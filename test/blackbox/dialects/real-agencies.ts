import { type AgencyData, realAgencyData } from "../agency-data.ts";

/** The course's own files, of agencies 1 to 5. */
export function realAgencies(dir: string): AgencyData[] {
  return [1, 2, 3, 4, 5].map((agency) => realAgencyData(dir, agency));
}

/** The smallest file twice, so that every dialect has an agency. */
export function sixRealAgencies(dir: string): AgencyData[] {
  return [...realAgencies(dir), realAgencyData(dir, 5)];
}
