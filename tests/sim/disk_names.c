/*
 * disk_names.c - the names of the log's directory, now and durably (M4), and those of /dev/shm.
 *
 *   durable ── changes since the last fsync of the directory, in order ──► now
 */
#include "sim/disk.h"

#include "sim/disk_internal.h"
#include "sim/world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define INODES_MAX 192
#define CHANGES_MAX 64

struct name {
    char text[DISK_NAME_BYTES];
    struct inode *inode;
};

struct names {
    struct name name[DISK_NAMES_MAX];
    size_t count;
};

struct change {
    char gone[DISK_NAME_BYTES]; /**< "" when the change only adds */
    char made[DISK_NAME_BYTES]; /**< "" when the change only removes */
    struct inode *inode;        /**< of `made` */
};

static struct inode inodes[INODES_MAX];
static struct names now[DISK_PLACES];
static struct names durable;
static struct change changes[CHANGES_MAX];
static size_t change_count;
static uint64_t next_number;
static bool directory_made;
static bool directory_durable;

/* Lists */

static struct name *
names_find(struct names *names, const char *text)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->name[i].text, text) == 0) {
            return &names->name[i];
        }
    }
    return NULL;
}

static void
names_remove(struct names *names, const char *text)
{
    struct name *name = names_find(names, text);
    if (name != NULL) {
        *name = names->name[--names->count];
    }
}

static void
names_put(struct names *names, const char *text, struct inode *inode)
{
    struct name *name = names_find(names, text);
    if (name == NULL) {
        if (names->count == DISK_NAMES_MAX) {
            abort(); /* the simulator is too small for this run */
        }
        name = &names->name[names->count++];
        strcpy(name->text, text);
    }
    name->inode = inode;
}

/* Changes */

static void
change_apply(const struct change *change)
{
    if (change->gone[0] != '\0') {
        names_remove(&durable, change->gone);
    }
    if (change->made[0] != '\0') {
        names_put(&durable, change->made, change->inode);
    }
}

static void
change_add(const char *gone, const char *made, struct inode *inode)
{
    if (change_count == CHANGES_MAX) { /* the file system writes its journal by itself in time */
        change_apply(&changes[0]);
        memmove(&changes[0], &changes[1], (CHANGES_MAX - 1) * sizeof(changes[0]));
        change_count--;
    }
    struct change *change = &changes[change_count++];
    strcpy(change->gone, gone);
    strcpy(change->made, made);
    change->inode = inode;
}

void
disk_sync_names(void)
{
    for (size_t i = 0; i < change_count; i++) {
        change_apply(&changes[i]);
    }
    change_count = 0;
}

static bool
shares_a_name(const struct change *a, const struct change *b)
{
    const char *left[2] = {a->gone, a->made};
    const char *right[2] = {b->gone, b->made};
    for (int i = 0; i < 4; i++) {
        if (left[i / 2][0] != '\0' && strcmp(left[i / 2], right[i % 2]) == 0) {
            return true;
        }
    }
    return false;
}

/** Which changes happened before the power went: those of one name in order (M4). */
static void
changes_scatter(uint32_t percent)
{
    bool missing[CHANGES_MAX] = {false};
    for (size_t i = 0; i < change_count; i++) {
        for (size_t before = 0; before < i && !missing[i]; before++) {
            missing[i] = missing[before] && shares_a_name(&changes[before], &changes[i]);
        }
        if (missing[i] || !sim_chance(percent)) {
            missing[i] = true;
        } else {
            change_apply(&changes[i]);
        }
    }
    change_count = 0;
}

/* Inodes */

static bool
is_named(const struct inode *inode)
{
    bool named = false;
    for (int place = 0; place < DISK_PLACES; place++) {
        for (size_t i = 0; i < now[place].count && !named; i++) {
            named = now[place].name[i].inode == inode;
        }
    }
    for (size_t i = 0; i < durable.count && !named; i++) {
        named = durable.name[i].inode == inode;
    }
    for (size_t i = 0; i < change_count && !named; i++) {
        named = changes[i].inode == inode;
    }
    return named;
}

/** Pages come when they are touched: few files become so large. */
static unsigned char *
pages_new(void)
{
    return mmap(NULL, DISK_MEMORY_BYTES_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                -1, 0);
}

static struct inode *
inode_new(enum disk_place place)
{
    struct inode *inode = inodes;
    while (inode < inodes + INODES_MAX && inode->used &&
           (inode->refs > 0 || inode->locker >= 0 || is_named(inode))) {
        inode++;
    }
    if (inode == inodes + INODES_MAX) {
        abort(); /* the simulator is too small for this run */
    }
    if (inode->cache == NULL) {
        inode->cache = pages_new();
    }
    if (inode->seen == NULL && place == DISK_LOG) {
        inode->seen = pages_new();
    }
    static unsigned char *media[INODES_MAX];
    unsigned char **medium = &media[inode - inodes];
    if (*medium == NULL && place == DISK_LOG) {
        *medium = pages_new();
    }
    *inode = (struct inode){.cache = inode->cache,
                            .seen = inode->seen,
                            .medium = place == DISK_LOG ? *medium : NULL,
                            .number = ++next_number,
                            .used = true,
                            .settled = true,
                            .locker = -1};
    return inode;
}

struct inode *
disk_any_log_file(void)
{
    size_t count = now[DISK_LOG].count;
    return count == 0 ? NULL : now[DISK_LOG].name[sim_below(count)].inode;
}

/* The calls */

struct inode *
disk_find(enum disk_place place, const char *name)
{
    struct name *found = names_find(&now[place], name);
    return found == NULL ? NULL : found->inode;
}

struct inode *
disk_create(enum disk_place place, const char *name)
{
    struct inode *inode = inode_new(place);
    names_put(&now[place], name, inode);
    if (place == DISK_LOG) {
        change_add("", name, inode);
    }
    return inode;
}

struct inode *
disk_create_unnamed(void)
{
    return inode_new(DISK_SHM);
}

bool
disk_unlink(enum disk_place place, const char *name)
{
    if (names_find(&now[place], name) == NULL) {
        return false;
    }
    names_remove(&now[place], name);
    if (place == DISK_LOG) {
        change_add(name, "", NULL);
    }
    return true;
}

bool
disk_rename(enum disk_place place, const char *from, const char *to)
{
    struct name *name = names_find(&now[place], from);
    if (name == NULL) {
        return false;
    }
    struct inode *inode = name->inode;
    names_remove(&now[place], from);
    names_put(&now[place], to, inode);
    if (place == DISK_LOG) {
        change_add(from, to, inode);
    }
    return true;
}

const char *
disk_name(enum disk_place place, size_t i)
{
    return i < now[place].count ? now[place].name[i].text : NULL;
}

bool
disk_directory_exists(void)
{
    return directory_made;
}

void
disk_make_directory(void)
{
    directory_made = true;
}

void
disk_sync_parent(void)
{
    directory_durable = directory_made;
}

/* Crashes */

static void
inode_let_go(struct inode *inode)
{
    inode->refs = 0;
    inode->mapped = 0;
    inode->locker = -1;
}

void
disk_drop_lost_pages(void)
{
    for (size_t i = 0; i < now[DISK_LOG].count; i++) {
        disk_inode_drop_lost(now[DISK_LOG].name[i].inode);
    }
}

void
disk_power_cut(void)
{
    static const uint32_t survives[] = {0, 50, 100, 10, 90};
    uint32_t percent = survives[sim_below(5)];
    disk_flushes_abandon();
    disk_directs_power_cut(percent);
    changes_scatter(percent);
    if (!directory_durable && (!directory_made || !sim_chance(percent))) {
        directory_made = false;
        durable.count = 0;
    }
    directory_durable = directory_made;
    for (size_t i = 0; i < durable.count; i++) {
        disk_inode_power_cut(durable.name[i].inode, percent);
    }
    now[DISK_LOG] = durable;
    now[DISK_SHM].count = 0;
    for (size_t i = 0; i < INODES_MAX; i++) {
        inode_let_go(&inodes[i]);
    }
}

void
disk_reset(void)
{
    disk_files_reset();
    disk_directs_reset();
    for (int place = 0; place < DISK_PLACES; place++) {
        now[place].count = 0;
    }
    durable.count = 0;
    change_count = 0;
    directory_made = false;
    directory_durable = false;
    next_number = 0;
    for (size_t i = 0; i < INODES_MAX; i++) {
        inodes[i].used = false;
        inode_let_go(&inodes[i]);
    }
}
