/** How the vendors write themselves; a provider is usually named after one. */
const NAMES: Record<string, string> = {
  anthropic: "Anthropic",
  deepseek: "DeepSeek",
  gemini: "Google Gemini",
  google: "Google",
  groq: "Groq",
  llamacpp: "llama.cpp",
  "lm-studio": "LM Studio",
  mistral: "Mistral",
  ollama: "Ollama",
  openai: "OpenAI",
  openrouter: "OpenRouter",
  vllm: "vLLM",
  xai: "xAI",
};

/** A provider's name for people: the vendor's own spelling, else the name as the operator gave it. */
export function vendorName(provider: string): string {
  return NAMES[provider] ?? provider;
}
