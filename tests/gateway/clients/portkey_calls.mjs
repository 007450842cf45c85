// Calls of portkey-ai for Node against the gateway at argv[2]; prints what came of it as JSON.
import { Portkey } from "portkey-ai";

const [url, token] = process.argv.slice(2);
const client = new Portkey({
  baseURL: `${url}/v1`,
  apiKey: "any",
  Authorization: `Bearer ${token}`,
});
const told = { models: (await client.models.list()).data.map((model) => model.id) };

let video = await client.videos.create({ prompt: "a boat", model: "sketch", seconds: "1" });
told.created = video.status;
while (video.status === "queued" || video.status === "in_progress") {
  await new Promise((resolve) => setTimeout(resolve, 100));
  video = await client.videos.retrieve(video.id);
}
told.ended = video.status;
const content = await client.videos.downloadContent(video.id);
told.type = content.headers.get("content-type");
told.mp4 = Buffer.from(await content.arrayBuffer()).toString("latin1", 4, 8);
told.listed = (await client.videos.list({ limit: 1 })).data.map((one) => one.id === video.id);
const status = async (call) => {
  try {
    await call();
  } catch (error) {
    return error.status;
  }
  return null;
};
told.remix = await status(() => client.videos.remix(video.id, { prompt: "again" }));
told.deleted = (await client.videos.delete(video.id)).deleted;
told.gone = await status(() => client.videos.retrieve(video.id));
console.log(JSON.stringify(told));
