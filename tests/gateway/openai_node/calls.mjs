// Every call of the dialect that the SDK for Node has, against the gateway at argv[2].
// Prints what came of it as JSON.
import { Buffer } from "node:buffer";
import OpenAI, { toFile } from "openai";

const [url, apiKey, png] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const told = {};

const image = Buffer.from(png, "base64");
let video = await client.videos.create({
  prompt: "zoom in",
  seconds: "1",
  size: "640x360",
  input_reference: await toFile(image, "a.png", { type: "image/png" }),
});
told.created = video.status;
while (video.status === "queued" || video.status === "in_progress") {
  await new Promise((resolve) => setTimeout(resolve, 50));
  video = await client.videos.retrieve(video.id);
}
told.ended = video.status;

const content = await client.videos.downloadContent(video.id);
told.type = content.headers.get("content-type");
told.bytes = (await content.arrayBuffer()).byteLength;
const poster = await client.videos.downloadContent(video.id, { variant: "thumbnail" });
told.poster = poster.headers.get("content-type");

told.listed = [];
for await (const one of client.videos.list({ limit: 1 })) told.listed.push(one.id === video.id);
told.models = [];
for await (const model of client.models.list()) told.models.push(model.id);
told.model = (await client.models.retrieve(told.models[0])).object;

const refused = async (call) => {
  try {
    await call();
  } catch (error) {
    return [error.status, error.code];
  }
  return null;
};
told.remix = await refused(() => client.videos.remix(video.id, { prompt: "again" }));
told.unknown = await refused(() => client.videos.retrieve("video_1"));
told.no_model = await refused(() => client.models.retrieve("nobody"));
told.bad = await refused(() => client.videos.create({ prompt: "sea", seconds: "soon" }));

told.deleted = (await client.videos.delete(video.id)).deleted;
told.gone = await refused(() => client.videos.retrieve(video.id));
console.log(JSON.stringify(told));
