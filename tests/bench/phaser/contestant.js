// The scene of map_scene.py in Phaser: the same sprites, walkers and camera movements as the others'.
const WIDTH = 1280, HEIGHT = 800, MOVING = 10, SPEED = 90;
let frames = 0, mode = "";

function swing(frame, period = 120) {
  const phase = (frame % period) / period;
  return phase < 0.5 ? 4 * phase - 1 : 3 - 4 * phase;
}

class Office extends Phaser.Scene {
  preload() {
    this.load.image("background", "/scene/background.png");
    this.load.image("atlas", "/scene/atlas.png");
    this.load.json("people", "/scene/scene.json");
  }

  create() {
    this.add.image(0, 0, "background").setOrigin(0, 0);
    const texture = this.textures.get("atlas");
    this.walkers = [];
    this.cache.json.get("people").forEach((sprite, i) => {
      const name = `${sprite.left},${sprite.top}`;
      if (!texture.has(name)) {
        texture.add(name, 0, sprite.left, sprite.top, sprite.width, sprite.height);
      }
      const image = this.add.image(sprite.x, sprite.y, "atlas", name).setOrigin(0, 0);
      if (i % MOVING === 0) {
        const angle = Math.random() * 2 * Math.PI;
        this.walkers.push([image, Math.cos(angle) * SPEED / 60, Math.sin(angle) * SPEED / 60]);
      }
    });
    this.frame = 0;
    fetch(`/say?ready&renderer=${this.game.renderer.type === Phaser.WEBGL ? "WebGL" : "Canvas"}`);
    contest();
  }

  update() {
    frames += 1;
    this.frame += 1;
    const camera = this.cameras.main;
    if (mode === "moving") {
      const turn = this.frame % 60 < 30 ? 1 : -1;
      for (const [image, dx, dy] of this.walkers) {
        image.x += turn * dx;
        image.y += turn * dy;
      }
    } else if (mode === "panning") {
      camera.scrollX += this.frame % 120 < 60 ? 3 : -3;
    } else if (mode === "zooming") {
      camera.setZoom(0.85 + 0.15 * swing(this.frame));
    }
  }
}

async function contest() {
  const modes = await (await fetch("/modes")).json();
  const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  for (const [name, seconds, warmUp] of modes) {
    mode = name;
    await wait(warmUp);
    await fetch(`/say?begin&mode=${name}&frames=${frames}`);
    await wait(seconds);
    await fetch(`/say?end&mode=${name}&frames=${frames}`);
  }
  await fetch("/say?done");
}

new Phaser.Game({
  type: new URLSearchParams(location.search).get("renderer") === "canvas" ? Phaser.CANVAS : Phaser.WEBGL,
  width: WIDTH,
  height: HEIGHT,
  scene: Office,
  banner: false,
  audio: { noAudio: true },
});
