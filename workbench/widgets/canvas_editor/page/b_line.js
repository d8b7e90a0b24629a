// The way to the kernel: one message on its way, gestures in order, of each kind of question the latest.

const SIGN_MS = 300;
const SILENT_MS = 15000;

class Line {
  constructor(send, changed, early) {
    this.send = send;
    this.early = early;
    this.changed = changed;
    this.gestures = [];
    this.asks = new Map();
    this.flying = null;
    this.dead = false;
    this.number = 0;
  }

  gesture(gesture) {
    this.early();
    this.gestures.push(gesture);
    this.pump();
  }

  ask(ask, then) {
    this.asks.delete(ask.kind);
    this.asks.set(ask.kind, { ask, then });
    this.pump();
  }

  pump() {
    if (this.flying || this.dead) return this.changed();
    if (this.gestures.length) return this.fly({ gestures: this.gestures.splice(0) });
    const first = this.asks.entries().next();
    if (first.done) return this.changed();
    const [kind, { ask, then }] = first.value;
    this.asks.delete(kind);
    return this.fly({ ask }, then);
  }

  fly(content, then) {
    this.number += 1;
    this.flying = { id: this.number, then, gestures: content.gestures, slow: false, silent: false };
    this.flying.sign = setTimeout(() => this.late("slow"), SIGN_MS);
    this.flying.alarm = setTimeout(() => this.late("silent"), SILENT_MS);
    try {
      this.send({ id: this.number, ...content });
    } catch (failed) {
      this.died();
    }
    return this.changed();
  }

  late(how) {
    if (!this.flying) return;
    this.flying[how] = true;
    this.changed();
  }

  heard(answer) {
    if (!this.flying || answer.id !== this.flying.id) return;
    const { then } = this.flying;
    this.landed();
    if (then) then(answer);
    this.pump();
  }

  landed() {
    if (!this.flying) return;
    clearTimeout(this.flying.sign);
    clearTimeout(this.flying.alarm);
    this.flying = null;
  }

  again() {
    this.landed();
    this.pump();
  }

  died() {
    this.dead = true;
    this.landed();
    this.changed();
  }

  get waiting() {
    return [...(this.flying?.gestures || []), ...this.gestures];
  }

  get state() {
    if (this.dead) return "dead";
    if (this.flying && this.flying.silent) return "silent";
    return this.flying && this.flying.slow ? "slow" : "";
  }
}
