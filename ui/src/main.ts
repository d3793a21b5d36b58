import { mount } from "svelte";
import App from "./App.svelte";
import Refused from "./Refused.svelte";
import { connect, isLoggedIn, rpcError } from "./platform";
import { router } from "./state/route.svelte";
import "./styles/fonts.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/rows.css";
import "./styles/stance.css";

const target = document.getElementById("app");
if (target) void start(target);

async function start(target: HTMLElement): Promise<void> {
  try {
    const platform = await connect();
    router.read();
    mount(App, { target, props: { platform } });
  } catch (thrown) {
    const error = rpcError(thrown);
    mount(Refused, { target, props: { error, isIn: error.code === "unreachable" ? Promise.resolve(false) : isLoggedIn() } });
  }
}
