// A peer: node's `ws`, in the plain dialect of generator.c. Prints "port N".
'use strict';
const { WebSocketServer } = require('ws');

const TICK = 50, PAD = 40;
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
const moved = new Map();
let number = 0;

function tell(entries, pad) {
  const frame = Buffer.alloc(Math.max(8 + entries.length * 10, pad));
  frame.writeUInt32LE(++number, 0);
  frame.writeUInt32LE(entries.length, 4);
  entries.forEach(([mover, step], index) => {
    frame.writeUInt32LE(mover, 8 + index * 10);
    frame.writeUInt32LE(step, 12 + index * 10);
  });
  for (const client of server.clients) client.send(frame);
}

server.on('connection', (client) => {
  client.on('error', () => {});
  client.on('message', (data) => {
    const mover = data.readUInt32LE(1), step = data.readUInt32LE(5);
    if (data[0] === 83) tell([[mover, step]], PAD);
    else moved.set(mover, step);
  });
});
server.on('listening', () => console.log('port', server.address().port));
setInterval(() => {
  if (!moved.size) return;
  tell([...moved], 0);
  moved.clear();
}, TICK);
