/* Memory of the sieve, and the functions that Python calls. */
#include "core.h"

enum { N_KNOWN = 1 << 20 }; /* places for hashes; forgotten when half are taken */

void *room(Core *c, size_t n) {
    void *p = malloc(n ? n : 1);
    if (!p) c->no_memory = 1;
    return p;
}

static inline u64 turned(u64 x, int by) { return x << by | x >> (64 - by); }

static inline void mix(u64 v[4]) {
    v[0] += v[1]; v[1] = turned(v[1], 13) ^ v[0]; v[0] = turned(v[0], 32);
    v[2] += v[3]; v[3] = turned(v[3], 16) ^ v[2];
    v[0] += v[3]; v[3] = turned(v[3], 21) ^ v[0];
    v[2] += v[1]; v[1] = turned(v[1], 17) ^ v[2]; v[2] = turned(v[2], 32);
}

/* SipHash-1-3 (Aumasson and Bernstein) under a key of this process: nobody can craft two values that hash alike. */
u64 hash_of(const Core *c, const u8 *p, size_t n, u64 salt) {
    u64 k0 = c->key[0] ^ salt, k1 = c->key[1], word;
    u64 v[4] = {k0 ^ 0x736F6D6570736575u, k1 ^ 0x646F72616E646F6Du, k0 ^ 0x6C7967656E657261u, k1 ^ 0x7465646279746573u};
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        memcpy(&word, p + i, 8);
        v[3] ^= word;
        mix(v);
        v[0] ^= word;
    }
    word = (u64)n << 56;
    for (size_t k = 0; i + k < n; k++) word |= (u64)p[i + k] << 8 * k;
    v[3] ^= word;
    mix(v);
    v[0] ^= word;
    v[2] ^= 0xFF;
    for (int k = 0; k < 3; k++) mix(v);
    word = v[0] ^ v[1] ^ v[2] ^ v[3];
    return word ? word : 1;
}

int is_known(const Core *c, u64 hash) {
    for (size_t i = hash & (N_KNOWN - 1);; i = (i + 1) & (N_KNOWN - 1)) {
        if (c->known[i] == hash) return 1;
        if (!c->known[i]) return 0;
    }
}

void note_known(Core *c, u64 hash) {
    if (c->n_known * 2 > N_KNOWN) {
        memset(c->known, 0, N_KNOWN * sizeof *c->known);
        c->n_known = 0;
    }
    size_t i = hash & (N_KNOWN - 1);
    while (c->known[i] && c->known[i] != hash) i = (i + 1) & (N_KNOWN - 1);
    c->n_known += !c->known[i];
    c->known[i] = hash;
}

/* Make room for *more* elements behind the first *n*. */
static int grow(void **array, size_t *has, size_t n, size_t more, size_t size) {
    if (n + more <= *has) return 1;
    size_t wanted = 2 * (n + more) + 64;
    void *larger = realloc(*array, wanted * size);
    if (!larger) return 0;
    *array = larger;
    *has = wanted;
    return 1;
}

/* What the hash of a look is made with besides its bytes. */
static u64 salt_of(u64 mask, u32 how) { return (mask ^ 7) * 0x9E3779B97F4A7C15u + how; }

int look(Core *c, const u8 *p, size_t n, u64 mask, u32 how) {
    if (!mask && !(how & (TRY_MASKS | SPELLED))) return NOTHING;
    how |= c->doubt;
    if (n <= LONGEST_KNOWN && is_known(c, hash_of(c, p, n, salt_of(mask, how)))) return NOTHING;
    if (c->asked != ASK_ALL) return LOOK | SUSPECT;
    if (!grow((void **)&c->looks, &c->looks_room, c->n_looks, 1, sizeof *c->looks)
        || !grow((void **)&c->looked, &c->looked_room, c->looked_size, n, 1)) {
        c->no_memory = 1;
        return SUSPECT;
    }
    memcpy(c->looked + c->looked_size, p, n);
    c->looks[c->n_looks++] = (Look){mask, c->looked_size, n, c->owner, how};
    c->looked_size += n;
    return LOOK;
}

/* Note a word of the owner's. */
int hold(Core *c, u32 pattern) {
    if (c->asked != ASK_ALL) return HELD | SUSPECT;
    if (c->is_held[pattern >> 3] >> (pattern & 7) & 1) return HELD;
    if (!grow((void **)&c->held, &c->held_room, c->n_held, 1, sizeof *c->held)) { c->no_memory = 1; return SUSPECT; }
    c->is_held[pattern >> 3] |= (u8)(1 << (pattern & 7));
    c->held[c->n_held++] = (Word){c->owner, pattern};
    return HELD;
}

/* The next owner holds nothing yet. */
static void begin_owner(Core *c, u32 owner) {
    for (; c->first_held < c->n_held; c->first_held++) c->is_held[c->held[c->first_held].pattern >> 3] = 0;
    c->owner = owner;
    c->no_memory = 0;
}

#define CALLED_BY_PYTHON __attribute__((visibility("default")))

CALLED_BY_PYTHON int core_conditions(void) { return N_CONDITIONS; }

CALLED_BY_PYTHON void core_free(Core *c) {
    Finder *const finders[] = {&c->needles, &c->xors, &c->adds, &c->rots};
    for (int i = 0; i < 4; i++) { free(finders[i]->patterns); free(finders[i]->heads); free(finders[i]->bits); }
    free(c->known); free(c->lower); free(c->looks); free(c->looked); free(c->held); free(c->is_held); free(c);
}

/* What *sought* and *layers* point to stays with the caller. Null if there is no memory for it. */
CALLED_BY_PYTHON Core *core_new(const Sought *sought, const Layers *layers, u64 key0, u64 key1) {
    search_begin();
    words_begin();
    packed_begin();
    Core *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->sought = *sought;
    c->layers = *layers;
    c->key[0] = key0;
    c->key[1] = key1;
    c->known = calloc(N_KNOWN, sizeof *c->known);
    c->is_held = calloc(sought->needles.n / 8 + 1, 1);
    if (!c->known || !c->is_held || !finder_make(&c->needles, &c->sought.needles) || !finder_make(&c->xors, &c->sought.xors)
        || !finder_make(&c->adds, &c->sought.adds) || !finder_make(&c->rots, &c->sought.rots)) {
        core_free(c);
        return NULL;
    }
    return c;
}

/* What may be in each of *n* inputs, which stand one after the other; looks are the core's own list. */
CALLED_BY_PYTHON void core_sift(Core *c, const u8 *data, const u64 *ends, const u8 *how, u32 n, u8 *answers) {
    u64 start = 0;
    c->n_looks = c->looked_size = c->n_held = c->first_held = 0;
    for (u32 i = 0; i < n; start = ends[i++]) {
        begin_owner(c, i);
        c->doubt = how[i] & (GUESSED | BESIDE);
        answers[i] = (u8)part(c, data + start, (size_t)(ends[i] - start), how[i] & AS_MASK);
    }
    begin_owner(c, n);
    c->doubt = 0;
}

/* Whether anything may be in a value. */
CALLED_BY_PYTHON int core_holds(Core *c, const u8 *p, u64 n) {
    c->asked = ASK_ANY;
    c->no_memory = 0;
    int found = part(c, p, (size_t)n, AS_VALUE);
    c->asked = ASK_ALL;
    return found != NOTHING;
}

/* Whether a word may be read in one of the alphabets: what it says is text, or a layer opens it. */
CALLED_BY_PYTHON int core_reads(Core *c, const u8 *p, u64 n) {
    c->asked = ASK_READ;
    c->work = (int64_t)n * WORK + LEAST_WORK;
    c->depth = c->no_memory = 0;
    int found = is_read_word(c, p, (size_t)n);
    c->asked = ASK_ALL;
    return found;
}

CALLED_BY_PYTHON u64 core_n_held(const Core *c) { return c->n_held; }
CALLED_BY_PYTHON const Word *core_held(const Core *c) { return c->held; }
CALLED_BY_PYTHON u64 core_n_looks(const Core *c) { return c->n_looks; }
CALLED_BY_PYTHON const Look *core_looks(const Core *c) { return c->looks; }
CALLED_BY_PYTHON const u8 *core_looked(const Core *c) { return c->looked; }

/* Take down that nothing came of a look, whatever the layers gave. */
CALLED_BY_PYTHON void core_note_look(Core *c, const u8 *p, u64 n, u64 mask, u32 how) {
    if (n <= LONGEST_KNOWN) note_known(c, hash_of(c, p, (size_t)n, salt_of(mask, how)));
}

/* Take down that nothing is in a part. */
CALLED_BY_PYTHON void core_note_part(Core *c, const u8 *p, u64 n, int how) {
    if (n <= LONGEST_KNOWN) note_known(c, hash_of(c, p, (size_t)n, how == AS_VALUE ? 0 : (u64)how + 1)); /* of parts, nothing is in doubt */
}

/* The layers that may open a value: also where the sieve leaves one out, since nothing can come of it. */
CALLED_BY_PYTHON u64 core_fitting(Core *c, const u8 *p, u64 n, int text) {
    u32 kinds = kinds_of(c, p, (size_t)n);
    u64 mask = text ? text_conditions(c, p, (size_t)n, kinds) : binary_conditions(c, p, (size_t)n, kinds);
    if (kinds & PLUS) mask |= c->layers.bits[L_PERCENT];
    if (text && !(kinds & NO_45)) mask |= c->layers.bits[L_BASE45];
    return mask;
}
