/* The clients of the fan-out benchmark: the same light program for all contestants, one thread, epoll.
 *
 *   generator PORT DIALECT PROTOCOL [tls]  DIALECT: ours | plain
 *
 * "ours" speaks Handraise (sign in as u00000, u00001 ... with the password "bench", acknowledge and beat as clients do);
 * "plain" is a bare WebSocket that is sent [u32 number][u32 count] then count times [u32 mover][u32 step][u16].
 * Commands come on standard input, each is answered with one line:
 *
 *   fill N            connections open and signed in         -> filled N SECONDS
 *   shout ROUNDS GAP  one moves, until all know; GAP ms      -> shout MEDIAN_MS P99_MS MISSED
 *   move M HZ SECONDS from now on the first M move, HZ times a second; what that is like after a second
 *                     -> move FRAMES/s P50_MS P99_MS MAX_MS FRAMES/s of the slowest and the median connection
 *   send WHO HEX      a message                              -> send
 *   say WHO HEX       a message that becomes an event        -> say MS until everybody has it
 *   quiet SECONDS     nobody moves                           -> quiet FRAMES
 *   stall M           the last M connections stop reading    -> stall M
 *   lost SECONDS      until all of those are closed, or that -> lost COUNT, SECONDS from the stall to the last
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef TLS
#include <openssl/ssl.h>
#endif

enum { MOST = 20000, RING = 4096, SAMPLES = 16, STEPS = 1000, BUCKETS = 200000, ORIGIN = 100, AT_ONCE = 6 };
enum phase { CLOSED, UPGRADING, GREETING, SIGNING_IN, ATTACHING, LIVE };

struct connection {
    int fd;
#ifdef TLS
    SSL *tls; /* between us and the socket, or nothing */
#endif
    enum phase phase;
    bool stalled, flows, owes; /* owes: acknowledges with the next frame */
    uint8_t *bytes; /* read and not yet a whole frame */
    size_t have, room;
    uint64_t space, personal, places, said; /* newest numbers, and their sum when it was last said */
    uint32_t frames;
    double heard_at; /* s, when the newest counted frame came */
    double said_at, beat_due; /* s, when it last acknowledged, and will beat */
    uint64_t events; /* the sum of the newest events' numbers at that time */
};
static struct connection all[MOST];
static const double FLOW_S = 0.15, SELDOM_S = 1.5; /* app.core.session.FLOW, SELDOM */
static const double BEAT_S = 5.0; /* app.core.limits.HEARTBEAT */
static double sent_at[MOST][STEPS];      /* s, when a mover took a step */
static struct { uint64_t n; int count; double at[SAMPLES]; } ring[RING];
static uint32_t histogram[BUCKETS];      /* delays in steps of 0.05 ms */
static uint64_t delays, received;
static double worst;
static int count, opened, live, stalled_from = MOST, lost, epoll, protocol;
static double stalled_at, lost_at;
static bool ours;
/* While it carries out a command it does not sleep: over loopback, waking it would be charged to whoever sends,
 * and most often to slow senders. */
static bool awake;
static struct sockaddr_in server;
static struct { int mover; uint32_t step; int heard; double last; } shout;
static struct { int count; double hz, due; uint64_t taken; } walk; /* who walks, whatever else happens */
static struct { int heard; double last; uint64_t after; } event = {.after = UINT64_MAX};
static uint8_t *chunk;
enum { CHUNK = 1 << 20 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

/* --- sockets, with TLS between where it was asked for; like send(2) and recv(2) --- */

#ifdef TLS
static SSL_CTX *context;

static ssize_t outcome(struct connection *c, int done) {
    if (done > 0) return done;
    int error = SSL_get_error(c->tls, done);
    if (error == SSL_ERROR_ZERO_RETURN) return 0;
    errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
    return -1;
}
static void encrypt(struct connection *c) {
    if (!context) return;
    c->tls = SSL_new(context);
    SSL_set_fd(c->tls, c->fd);
    if (SSL_connect(c->tls) != 1) die("TLS");
}
#endif

static ssize_t put(struct connection *c, const void *bytes, size_t size) {
#ifdef TLS
    if (c->tls) return outcome(c, SSL_write(c->tls, bytes, (int)size));
#endif
    return send(c->fd, bytes, size, MSG_NOSIGNAL);
}
static ssize_t get(struct connection *c, void *bytes, size_t room) {
#ifdef TLS
    if (c->tls) return outcome(c, SSL_read(c->tls, bytes, (int)room));
#endif
    return recv(c->fd, bytes, room, 0);
}
static bool whole(struct connection *c) { /* one call gets all that is there */
#ifdef TLS
    return !c->tls;
#else
    return c;
#endif
}

/* --- msgpack, as much as is needed --- */

struct reader { const uint8_t *at, *end; };

static uint64_t big(struct reader *r, int bytes) {
    uint64_t value = 0;
    while (bytes-- && r->at < r->end) value = value << 8 | *r->at++;
    return value;
}
static uint64_t integer(struct reader *r) {
    uint8_t head = (uint8_t)big(r, 1);
    if (head < 0x80) return head;
    return head >= 0xcc && head <= 0xcf ? big(r, 1 << (head - 0xcc)) : 0;
}
static uint64_t items(struct reader *r) { /* of an array or a map */
    uint8_t head = (uint8_t)big(r, 1);
    if (head >= 0x80 && head <= 0x9f) return head & 0x0f;
    return head == 0xdc || head == 0xde ? big(r, 2) : big(r, 4);
}
static bool is(struct reader r, const char *wanted) { /* a text */
    uint8_t head = (uint8_t)big(&r, 1);
    size_t size = head == 0xd9 ? big(&r, 1) : head & 0x1f;
    return r.at + size <= r.end && size == strlen(wanted) && !memcmp(r.at, wanted, size);
}
static void skip(struct reader *r) {
    uint8_t head = (uint8_t)big(r, 1);
    uint64_t inside = 0;
    if (head < 0x80 || head >= 0xe0 || head == 0xc0 || head == 0xc2 || head == 0xc3) return;
    if (head < 0x90) inside = 2 * (head & 0x0f);
    else if (head < 0xa0) inside = head & 0x0f;
    else if (head < 0xc0) r->at += head & 0x1f;
    else if (head <= 0xc6) r->at += big(r, 1 << (head - 0xc4));
    else if (head == 0xca || head == 0xcb) r->at += head == 0xca ? 4 : 8;
    else if (head <= 0xd3) r->at += 1 << ((head - 0xcc) & 3);
    else if (head >= 0xd9 && head <= 0xdb) r->at += big(r, 1 << (head - 0xd9));
    else if (head == 0xdc || head == 0xdd) inside = big(r, head == 0xdc ? 2 : 4);
    else if (head == 0xde || head == 0xdf) inside = 2 * big(r, head == 0xde ? 2 : 4);
    while (inside-- && r->at < r->end) skip(r);
}

/* --- sending --- */

static void frame(struct connection *c, const void *payload, size_t size) {
    uint8_t bytes[1024] = {0x82, (uint8_t)(0x80 | (size < 126 ? size : 126))};
    size_t head = 2;
    if (size > 125) {
        bytes[head++] = (uint8_t)(size >> 8);
        bytes[head++] = (uint8_t)size;
    }
    head += 4; /* masked with zeros */
    memcpy(bytes + head, payload, size);
    if (c->phase != CLOSED && put(c, bytes, head + size) < 0 && errno != EAGAIN &&
        errno != EPIPE && errno != ECONNRESET)
        die("send");
}

static uint8_t *put_text(uint8_t *to, const char *text) {
    size_t size = strlen(text);
    *to++ = (uint8_t)(0xa0 | size);
    memcpy(to, text, size);
    return to + size;
}
static uint8_t *put_integer(uint8_t *to, uint64_t value) {
    *to++ = 0xce;
    for (int shift = 24; shift >= 0; shift -= 8) *to++ = (uint8_t)(value >> shift);
    return to;
}
static uint8_t *begin(uint8_t *to, int fields, const char *type) {
    *to++ = (uint8_t)(0x80 | (fields + 1));
    return put_text(put_text(to, "type"), type);
}
static uint8_t *field(uint8_t *to, const char *name, uint64_t value) {
    return put_integer(put_text(to, name), value);
}

static void step(int mover) {
    static uint32_t steps[MOST];
    struct connection *c = &all[mover];
    uint8_t bytes[64], *end = bytes;
    uint32_t taken = steps[mover] = (steps[mover] + 1) % STEPS;
    if (ours) {
        end = field(field(begin(bytes, 2, "walk"), "x", ORIGIN + taken), "y", ORIGIN + (uint64_t)mover);
    } else {
        *end++ = shout.mover == mover ? 'S' : 'M';
        memcpy(end, &mover, 4);
        memcpy(end + 4, &taken, 4);
        end += 8;
    }
    shout.step = taken;
    sent_at[mover][taken] = now();
    frame(c, bytes, (size_t)(end - bytes));
}

/* As app.core.session.ClientSession does. */
static void beat(struct connection *c, double at) {
    uint8_t bytes[96];
    if (c->phase != LIVE || c->stalled) return;
    if (!c->beat_due) c->beat_due = at + BEAT_S * (double)((c - all) * 7919 % 1000) / 1000; /* apart from others */
    if (at < c->beat_due) return;
    c->beat_due = at + BEAT_S;
    frame(c, bytes, (size_t)(field(begin(bytes, 1, "beat"), "n", 1) - bytes));
}

static void acknowledge(struct connection *c, double at) {
    uint8_t bytes[96];
    uint64_t sum = c->space + c->personal + c->places;
    c->owes = false;
    if (c->phase != LIVE || c->stalled || sum == c->said) return;
    c->said = sum;
    c->said_at = at;
    c->events = c->space + c->personal;
    uint8_t *end = begin(bytes, 3, "seen");
    end = field(field(field(end, "space", c->space), "personal", c->personal), "places", c->places);
    frame(c, bytes, (size_t)(end - bytes));
}

/* --- receiving --- */

static void counted(struct connection *c, double at) {
    c->flows = at - c->heard_at < FLOW_S;
    c->heard_at = at;
    if (c->owes) acknowledge(c, at);
}

static void note_delay(double delay) {
    size_t bucket = delay < 0 ? 0 : (size_t)(delay / 0.00005);
    histogram[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
    delays++;
    if (delay > worst) worst = delay;
}

/* What is in frame n is the same for everybody, so it is read once. */
static void moves(struct connection *c, uint64_t n, struct reader r, bool named, double at) {
    unsigned slot = n % RING;
    if (ring[slot].n != n) {
        uint64_t left = 0;
        ring[slot].n = n;
        ring[slot].count = 0;
        if (ours) left = items(&r);
        else memcpy(&left, r.at, 4), r.at += 4;
        for (uint64_t every = left / SAMPLES + 1, i = 0; i < left && r.at < r.end; i++) {
            uint32_t mover = 0, taken = 0;
            if (ours) {
                items(&r);
                skip(&r);
                taken = (uint32_t)integer(&r) - ORIGIN;
                mover = (uint32_t)integer(&r) - ORIGIN;
            } else {
                memcpy(&mover, r.at, 4);
                memcpy(&taken, r.at + 4, 4);
                r.at += 10;
            }
            if (mover >= MOST || taken >= STEPS) continue;
            if ((int)mover == shout.mover && taken == shout.step) shout.heard = 0;
            if (i % every == 0 && !named) ring[slot].at[ring[slot].count++] = sent_at[mover][taken];
        }
    }
    c->frames++;
    received++;
    if (shout.mover >= 0 && shout.heard >= 0) shout.heard++, shout.last = at;
    for (int i = 0; i < ring[slot].count; i++) note_delay(at - ring[slot].at[i]);
}

static void say_hello(struct connection *c) {
    uint8_t bytes[32];
    frame(c, bytes, (size_t)(field(begin(bytes, 1, "hello"), "protocol", (uint64_t)protocol) - bytes));
}
static void sign_in(struct connection *c) {
    uint8_t bytes[96];
    char handle[16];
    snprintf(handle, sizeof handle, "u%05d", (int)(c - all));
    uint8_t *end = put_text(put_text(begin(bytes, 2, "sign_in"), "handle"), handle);
    frame(c, bytes, (size_t)(put_text(put_text(end, "password"), "bench") - bytes));
}
static void go_live(struct connection *c) {
    c->phase = LIVE;
    live++;
}

static void heard_places(struct connection *c, struct reader r, uint64_t fields, double at) {
    struct reader named = {0}, moved = {0};
    while (fields--) {
        struct reader key = r;
        skip(&r);
        if (is(key, "places")) named = r;
        else if (is(key, "moved")) moved = r;
        else if (is(key, "n")) {
            c->places = integer(&r);
            continue;
        }
        skip(&r);
    }
    if (moved.at || named.at) moves(c, c->places, moved.at ? moved : named, !moved.at, at);
}
static void heard_events(struct connection *c, struct reader r, uint64_t fields, double at) {
    uint64_t first = 0;
    bool personal = false;
    while (fields--) {
        struct reader key = r;
        skip(&r);
        struct reader value = r;
        if (is(key, "stream")) personal = !is(value, "space");
        else if (is(key, "first")) first = integer(&value);
        else if (is(key, "events")) *(personal ? &c->personal : &c->space) = first + items(&value) - 1;
        skip(&r);
    }
    if (!personal && c->space > event.after && !c->stalled) event.heard++, event.last = at;
}
static void heard_attached(struct connection *c, struct reader r, uint64_t fields) {
    for (int found = 0; found < 2 && fields--;) {
        struct reader key = r;
        bool space = is(key, "space_at"), personal = is(key, "personal_at");
        skip(&r);
        if (!space && !personal) {
            skip(&r);
            continue;
        }
        items(&r);
        skip(&r);
        *(space ? &c->space : &c->personal) = integer(&r);
        found++;
    }
    go_live(c);
}

static void message(struct connection *c, const uint8_t *data, size_t size, double at) {
    struct reader r = {data, data + size};
    if (!ours) {
        uint32_t n;
        memcpy(&n, data, 4);
        r.at += 4;
        moves(c, n, r, false, at);
        return;
    }
    uint64_t fields = items(&r) - 1;
    skip(&r);
    struct reader type = r;
    skip(&r);
    if (is(type, "places")) heard_places(c, r, fields, at), counted(c, at);
    else if (is(type, "events")) heard_events(c, r, fields, at), counted(c, at);
    else if (is(type, "attached")) heard_attached(c, r, fields);
    else if (is(type, "welcome") && c->phase == GREETING) {
        c->phase = SIGNING_IN;
        sign_in(c);
    } else if (is(type, "signed_in")) {
        uint8_t bytes[32];
        c->phase = ATTACHING;
        frame(c, bytes, (size_t)(begin(bytes, 0, "attach") - bytes));
    } else if ((is(type, "bye") || is(type, "denied")) && !c->stalled) {
        fprintf(stderr, "connection %d: %.*s\n", (int)(c - all), (int)size, (const char *)data);
    }
}

static void gone(struct connection *c) {
    if (c->phase == CLOSED) return;
    if (c->stalled) lost++, lost_at = now();
    else if (c->phase == LIVE) fprintf(stderr, "connection %d was closed\n", (int)(c - all));
    if (c->phase == LIVE) live--;
    c->phase = CLOSED;
    close(c->fd);
}

/* Whole frames at the beginning of bytes; how many bytes they took. */
static size_t take(struct connection *c, const uint8_t *bytes, size_t have, double at) {
    size_t taken = 0;
    if (c->phase == UPGRADING) {
        const uint8_t *end = memmem(bytes, have, "\r\n\r\n", 4);
        if (!end) return 0;
        taken = (size_t)(end - bytes) + 4;
        if (memcmp(bytes + 9, "101", 3)) die("not upgraded");
        if (ours) c->phase = GREETING, say_hello(c);
        else go_live(c);
    }
    while (have - taken >= 2) {
        const uint8_t *head = bytes + taken;
        size_t size = head[1] & 0x7f, header = size == 126 ? 4 : size == 127 ? 10 : 2;
        if (have - taken < header) break;
        if (header > 2) {
            struct reader r = {head + 2, head + header};
            size = big(&r, (int)header - 2);
        }
        if (have - taken < header + size) break;
        if ((head[0] & 0x0f) == 2 && size >= 4) message(c, head + header, size, at);
        taken += header + size;
        if (c->phase == CLOSED) return have;
    }
    return taken;
}

static void readable(struct connection *c) {
    for (;;) {
        ssize_t got = get(c, chunk, CHUNK);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) {
            gone(c);
            return;
        }
        double at = now();
        if (!c->have) {
            size_t taken = take(c, chunk, (size_t)got, at);
            c->have = (size_t)got - taken;
            if (c->have) {
                if (c->room < c->have) c->bytes = realloc(c->bytes, c->room = c->have * 2);
                memcpy(c->bytes, chunk + taken, c->have);
            }
        } else {
            if (c->room < c->have + (size_t)got) c->bytes = realloc(c->bytes, c->room = (c->have + (size_t)got) * 2);
            memcpy(c->bytes + c->have, chunk, (size_t)got);
            c->have += (size_t)got;
            size_t taken = take(c, c->bytes, c->have, at);
            memmove(c->bytes, c->bytes + taken, c->have -= taken);
        }
        if (!c->have && c->bytes) free(c->bytes), c->bytes = NULL, c->room = 0;
        if (got < CHUNK && whole(c)) return;
    }
}

/* --- what time brings --- */

static void dial(void) {
    struct connection *c = &all[opened++];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    int yes = 1;
    char hello[256];
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&server, sizeof server)) die("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
#ifdef TLS
    encrypt(c);
#endif
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    c->phase = UPGRADING;
    int size = snprintf(hello, sizeof hello,
                        "GET / HTTP/1.1\r\nHost: localhost:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                        ntohs(server.sin_port));
    if (put(c, hello, (size_t)size) != size) die("send");
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event)) die("epoll_ctl");
}

/* Read whatever comes until the given moment; give signs of life as clients do, spread over each second. */
static void run(double until) {
    static int next;
    static double due;
    static uint64_t turn;
    struct epoll_event events[512];
    for (double t = now(); ; t = now()) {
        if (due < t - 1) due = t;
        for (; ours && opened && due <= t; due += 1.0 / opened) {
            next = (next + 1) % opened;
            if (!next) turn++;
            struct connection *c = &all[next];
            bool flows = c->flows && t - c->heard_at < FLOW_S;
            if (!flows) beat(c, t);
            if (!flows || c->owes) acknowledge(c, t);
            else if (t - c->said_at >= SELDOM_S || c->space + c->personal != c->events) c->owes = true;
        }
        if (walk.due < t - 1) walk.due = t;
        for (; walk.count && walk.due <= t; walk.due += 1.0 / (walk.count * walk.hz))
            step((int)(walk.taken++ % (uint64_t)walk.count));
        int ready = epoll_wait(epoll, events, 512, awake ? 0 : 1);
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            if (c->stalled) gone(c); /* nothing else is waited for */
            else if (c->phase != CLOSED) readable(c);
        }
        if (now() >= until) return;
    }
}

static void fill(int wanted) {
    double began = now();
    count = wanted;
    while (live < count) {
        while (opened < count && opened - live < AT_ONCE) dial();
        run(now() + 0.0005);
    }
    run(now() + 1.0);
    printf("filled %d %.1f\n", live, now() - began);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void shouts(int rounds, double gap) {
    double *took = calloc((size_t)rounds, sizeof *took);
    int missed = 0, good = 0;
    for (int round = 0; round < rounds; round++) {
        double began = now();
        shout.mover = round % 10;
        shout.heard = -1;
        step(shout.mover);
        while (shout.heard < live && now() < began + 2) run(0);
        if (shout.heard >= live) took[good++] = shout.last - began;
        else missed++;
        run(began + gap > now() + gap / 2 ? began + gap : now() + gap / 2);
    }
    shout.mover = -1;
    qsort(took, (size_t)good, sizeof *took, ascending);
    printf("shout %.3f %.3f %d\n", good ? took[good / 2] * 1e3 : -1, good ? took[good * 99 / 100] * 1e3 : -1, missed);
    free(took);
}

static double percentile(double share) {
    uint64_t below = 0, wanted = (uint64_t)((double)delays * share);
    for (size_t bucket = 0; bucket < BUCKETS; bucket++)
        if ((below += histogram[bucket]) > wanted) return ((double)bucket + 0.5) * 0.05;
    return -1;
}

static void move(int movers, double hz, double seconds) {
    walk.count = movers;
    walk.hz = hz;
    walk.due = now();
    run(now() + 1.0);
    memset(histogram, 0, sizeof histogram);
    delays = received = 0;
    worst = 0;
    for (int i = 0; i < opened; i++) all[i].frames = 0;
    double began = now();
    run(began + seconds);
    double took = now() - began;
    uint64_t counted = received;
    double *each = calloc((size_t)opened, sizeof *each);
    int reading = 0;
    for (int i = 0; i < opened; i++)
        if (all[i].phase == LIVE && !all[i].stalled) each[reading++] = all[i].frames / took;
    qsort(each, (size_t)reading, sizeof *each, ascending);
    printf("move %.0f %.2f %.2f %.2f %.2f %.2f\n", (double)counted / took, percentile(0.5), percentile(0.99), worst * 1e3,
           reading ? each[0] : 0, reading ? each[reading / 2] : 0);
    free(each);
}

static void send_hex(int who, const char *hex) {
    uint8_t payload[512];
    size_t size = 0;
    for (unsigned byte; size < sizeof payload && sscanf(hex + 2 * size, "%2x", &byte) == 1; size++)
        payload[size] = (uint8_t)byte;
    frame(&all[who], payload, size);
}

/* One connection says something that becomes an event: ms until everybody has it. */
static void say(int who, const char *hex) {
    event.heard = 0;
    event.after = all[who].space;
    double began = now();
    send_hex(who, hex);
    while (event.heard < live && now() < began + 5) run(0);
    printf("say %.3f\n", event.heard < live ? -1 : (event.last - began) * 1e3);
    event.after = UINT64_MAX;
}

static void stall(int wanted) {
    struct epoll_event event = {.events = EPOLLRDHUP};
    stalled_from = opened - wanted;
    lost = 0;
    stalled_at = now();
    for (int i = stalled_from; i < opened; i++) {
        event.data.ptr = &all[i];
        all[i].stalled = true;
        epoll_ctl(epoll, EPOLL_CTL_MOD, all[i].fd, &event);
    }
    printf("stall %d\n", wanted);
}

int main(int argc, char **argv) {
    char line[2048];
    if (argc < 4) return 2;
    server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ours = !strcmp(argv[2], "ours");
    protocol = atoi(argv[3]);
#ifdef TLS
    signal(SIGPIPE, SIG_IGN);
    if (argc > 4) context = SSL_CTX_new(TLS_client_method());
    if (context) SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
#endif
    shout.mover = -1;
    epoll = epoll_create1(0);
    chunk = malloc(CHUNK);
    setvbuf(stdout, NULL, _IOLBF, 0);
    setvbuf(stdin, NULL, _IONBF, 0);
    for (;;) {
        struct pollfd input = {.fd = 0, .events = POLLIN};
        int a = 0;
        double b = 0, c = 0;
        char word[16] = "", hex[1100] = "";
        awake = false;
        run(now() + 0.01);
        if (!poll(&input, 1, 0)) continue;
        awake = true;
        if (!fgets(line, sizeof line, stdin)) return 0;
        sscanf(line, "%15s %d %lf %lf", word, &a, &b, &c);
        if (!strcmp(word, "fill")) fill(a);
        else if (!strcmp(word, "shout")) shouts(a, b / 1000);
        else if (!strcmp(word, "move")) move(a, b, c);
        else if (!strcmp(word, "say") && sscanf(line, "%*s %*d %1099s", hex) == 1) say(a, hex);
        else if (!strcmp(word, "send") && sscanf(line, "%*s %*d %1099s", hex) == 1) send_hex(a, hex), puts("send");
        else if (!strcmp(word, "stall")) stall(a);
        else if (!strcmp(word, "quiet")) {
            received = 0;
            run(now() + a);
            printf("quiet %llu\n", (unsigned long long)received);
        } else if (!strcmp(word, "lost")) {
            for (double end = now() + a; lost < opened - stalled_from && now() < end;) run(now() + 0.01);
            printf("lost %d %.2f\n", lost, lost ? lost_at - stalled_at : -1);
        } else return 2;
    }
}
