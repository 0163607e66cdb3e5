import { load } from "./config";
import { deploy } from "./stacks/environment";

const config = load();
export default () => deploy(config);
