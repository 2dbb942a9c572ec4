import type { Answer } from "../answer.ts";
import { BenchError } from "../bench-error.ts";

type AnswerOf<K extends Answer["kind"]> = Extract<Answer, { kind: K }>;

/** @throws BenchError when it is another answer */
export function expectAnswer<K extends Answer["kind"]>(
  answer: Answer,
  ...kinds: readonly K[]
): AnswerOf<K> {
  if (isOneOf(answer, kinds)) return answer;
  const reason = "reason" in answer ? `: ${answer.reason}` : "";
  throw new BenchError(
    "LOAD_FAILED",
    `Cannot finish: the central answers ${answer.kind} where ${kinds.join(" or ")} is due${reason}`,
  );
}

function isOneOf<K extends Answer["kind"]>(
  answer: Answer,
  kinds: readonly K[],
): answer is AnswerOf<K> {
  return kinds.some((kind) => kind === answer.kind);
}
