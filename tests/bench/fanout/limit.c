/* The limit: an epoll loop that writes a frame made once to everybody, and does nothing else.
 *
 *   limit [CERTIFICATE]      prints "port N"; the plain dialect of generator.c, under TLS with a certificate
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>
#ifdef TLS
#include <openssl/ssl.h>
#include <signal.h>
#endif

enum { MOST = 20000, PAD = 40, TICK_NS = 50000000 };
struct client {
    int fd, at;
#ifdef TLS
    SSL *tls;
#endif
    bool upgraded;
    uint8_t bytes[600];
    int have;
};
#ifdef TLS
static SSL_CTX *context;
#endif
static struct client *clients[MOST];
static int count;
static uint32_t number, moved[MOST], steps[MOST], moves;
static bool has_moved[MOST];
static uint8_t out[16 + MOST * 10];

static void put(struct client *c, const void *bytes, size_t size) {
#ifdef TLS
    if (c->tls) {
        SSL_write(c->tls, bytes, (int)size);
        return;
    }
#endif
    send(c->fd, bytes, size, MSG_NOSIGNAL);
}

static ssize_t get(struct client *c, void *bytes, size_t room) {
#ifdef TLS
    if (c->tls) {
        int got = SSL_read(c->tls, bytes, (int)room);
        if (got > 0) return got;
        errno = SSL_get_error(c->tls, got) == SSL_ERROR_WANT_READ ? EAGAIN : ECONNRESET;
        return -1;
    }
#endif
    return recv(c->fd, bytes, room, 0);
}

/* A binary frame around the payload that is already at out + 10; where it begins. */
static uint8_t *framed(size_t size, size_t *whole) {
    uint8_t *begin;
    if (size < 126) {
        begin = out + 8;
        begin[1] = (uint8_t)size;
    } else {
        begin = out + 6;
        begin[1] = 126;
        begin[2] = (uint8_t)(size >> 8);
        begin[3] = (uint8_t)size;
    }
    begin[0] = 0x82;
    *whole = size + (size_t)(out + 10 - begin);
    return begin;
}

static void tell(uint32_t entries, size_t size) {
    size_t whole;
    number++;
    memcpy(out + 10, &number, 4);
    memcpy(out + 14, &entries, 4);
    uint8_t *begin = framed(size, &whole);
    for (int i = 0; i < count; i++) put(clients[i], begin, whole);
}

static void entry(uint32_t index, uint32_t mover) {
    memcpy(out + 18 + index * 10, &mover, 4);
    memcpy(out + 22 + index * 10, &steps[mover], 4);
}

static void tick(void) {
    uint32_t entries = moves;
    if (!moves) return;
    for (uint32_t i = 0; i < moves; i++) {
        entry(i, moved[i]);
        has_moved[moved[i]] = false;
    }
    moves = 0;
    tell(entries, 8 + (size_t)entries * 10);
}

static void message(const uint8_t *data) {
    uint32_t mover, step;
    memcpy(&mover, data + 1, 4);
    memcpy(&step, data + 5, 4);
    steps[mover] = step;
    if (data[0] == 'S') {
        entry(0, mover);
        tell(1, PAD);
    } else if (!has_moved[mover]) {
        has_moved[mover] = true;
        moved[moves++] = mover;
    }
}

static bool readable(struct client *c) {
    ssize_t got = get(c, c->bytes + c->have, sizeof c->bytes - (size_t)c->have);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    c->have += (int)got;
    int taken = 0;
    if (!c->upgraded) {
        static const char yes[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
        uint8_t *end = memmem(c->bytes, (size_t)c->have, "\r\n\r\n", 4);
        if (!end) return true;
        taken = (int)(end - c->bytes) + 4;
        c->upgraded = true;
        put(c, yes, sizeof yes - 1);
        clients[c->at = count++] = c;
    }
    while (c->have - taken >= 6) { /* masked with zeros, shorter than 126 */
        int size = c->bytes[taken + 1] & 0x7f;
        if (c->have - taken < 6 + size) break;
        if (size == 9) message(c->bytes + taken + 6);
        taken += 6 + size;
    }
    memmove(c->bytes, c->bytes + taken, (size_t)(c->have -= taken));
    return true;
}

static void leave(struct client *c) {
    if (c->upgraded) {
        clients[c->at] = clients[--count];
        clients[c->at]->at = c->at;
    }
#ifdef TLS
    SSL_free(c->tls);
#endif
    close(c->fd);
    free(c);
}

int main(int argc, char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    struct itimerspec every = {{0, TICK_NS}, {0, TICK_NS}};
    struct epoll_event event = {.events = EPOLLIN}, events[256];
    int yes = 1, listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), epoll = epoll_create1(0);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
#ifdef TLS
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1) {
        context = SSL_CTX_new(TLS_server_method());
        if (SSL_CTX_use_certificate_chain_file(context, argv[1]) != 1) return 1;
        if (SSL_CTX_use_PrivateKey_file(context, argv[1], SSL_FILETYPE_PEM) != 1) return 1;
    }
#else
    (void)argv;
    if (argc > 1) return 2;
#endif
    if (bind(listening, (struct sockaddr *)&address, size) || listen(listening, 1024)) return 1;
    getsockname(listening, (struct sockaddr *)&address, &size);
    event.data.ptr = &listening;
    epoll_ctl(epoll, EPOLL_CTL_ADD, listening, &event);
    event.data.ptr = &timer;
    epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
    timerfd_settime(timer, 0, &every, NULL);
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            uint64_t times;
            if (events[i].data.ptr == &timer) {
                if (read(timer, &times, sizeof times) > 0) tick();
            } else if (events[i].data.ptr == &listening) {
                int fd = accept4(listening, NULL, NULL, 0);
                if (fd < 0) continue;
                struct client *c = calloc(1, sizeof *c);
                c->fd = fd;
#ifdef TLS
                if (context) {
                    c->tls = SSL_new(context);
                    SSL_set_fd(c->tls, fd);
                    if (SSL_accept(c->tls) != 1) return 1;
                }
#endif
                fcntl(fd, F_SETFL, O_NONBLOCK);
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                event.data.ptr = c;
                epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
            } else if (!readable(events[i].data.ptr)) {
                leave(events[i].data.ptr);
            }
        }
    }
}
