import { DEFAULT_LIMITS } from "../../limits.ts";

/**
 * Largest message of the course's dialects that a central takes unless it is configured otherwise
 * (SERVER_COURSE_FRAME_BYTES_MAX).
 */
export const COURSE_BYTES_MAX: number = DEFAULT_LIMITS.courseFrameBytesMax;
