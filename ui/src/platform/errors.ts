import { RpcError } from "./platform";

/** Turns whatever a host rejected with into an error with a code. */
export function rpcError(thrown: unknown): RpcError {
  if (thrown instanceof RpcError) return thrown;
  if (isBody(thrown)) return new RpcError(thrown.code, thrown.message, thrown.details);
  return new RpcError("unreachable", thrown instanceof Error ? thrown.message : String(thrown));
}

function isBody(value: unknown): value is { code: string; message: string; details?: unknown } {
  return typeof value === "object" && value !== null && "code" in value && "message" in value;
}
