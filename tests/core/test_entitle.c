/* test_entitle.c - entitlements: by name, over sessions' lives; the table against a plain list. */
#include "core/entitle.h"

#include "script.h"

Test(entitle, one_entry_of_a_kind_makes_it_a_list)
{
    static const struct script_case cases[] = {
        {"accounts",
         "1 new 1 B 50 1 a7\n0 grant one account 8\n1 new 2 B 50 1 a7\n1 new 2 B 50 1 a8\n"
         "0 grant one account 7\n1 new 3 B 50 1 a7\n0 revoke one account 8\n"
         "1 new 4 B 50 1 a8\n0 revoke one account 7\n1 new 4 B 50 1 a8",
         "1 accepted 1 B 50x1\n1 rejected 2 NOT_ENTITLED_ACCOUNT\n1 accepted 2 B 50x1\n"
         "1 accepted 3 B 50x1\n1 rejected 4 NOT_ENTITLED_ACCOUNT\n1 accepted 4 B 50x1\n"},
        {"instruments",
         "0 grant one instrument 2\n1 new 1 B 50 10\n1 new 1 B 50 10 i2\n"
         "0 revoke one instrument 2\n1 new 2 B 50 10",
         "1 rejected 1 NOT_ENTITLED_INSTRUMENT\n1 accepted 1 B 50x10\n1 accepted 2 B 50x10\n"},
        {"both, and account 0",
         "0 grant one instrument 1\n0 grant one account 0\n1 new 1 B 50 1\n"
         "1 new 1 B 50 1 a0\n1 new 2 B 50 10 a0 i2",
         "1 rejected 1 NOT_ENTITLED_ACCOUNT\n1 accepted 1 B 50x1\n"
         "1 rejected 2 NOT_ENTITLED_INSTRUMENT\n"},
        {"of another session", "0 grant two account 8\n1 new 1 B 50 1\n2 new 1 B 50 1",
         "1 accepted 1 B 50x1\n2 rejected 1 NOT_ENTITLED_ACCOUNT\n"},
        {"granted twice, revoked once",
         "0 grant one account 8\n0 grant one account 8\n"
         "0 revoke one account 8\n1 new 1 B 50 1",
         "1 accepted 1 B 50x1\n"},
        {"revoking what is not there",
         "0 revoke one account 8\n0 grant one account 8\n"
         "0 revoke one account 9\n0 revoke two account 8\n"
         "1 new 1 B 50 1 a8",
         "1 accepted 1 B 50x1\n"},
        {"orders that are there already may be reduced and cancelled, but not replaced",
         "1 new 1 B 50 5 a7\n1 new 2 B 50 5 a7\n0 grant one account 8\n1 replace 1 1 51 6\n"
         "1 replace 1 1 50 4\n1 reduce 1 1\n1 cancel 2\n0 grant one account 7\n"
         "0 grant one instrument 2\n1 replace 1 1 51 6\n0 grant one instrument 1\n"
         "1 replace 1 1 51 6",
         "1 accepted 1 B 50x5\n1 accepted 2 B 50x5\n1 rejected 1 NOT_ENTITLED_ACCOUNT\n"
         "1 rejected 1 NOT_ENTITLED_ACCOUNT\n1 reduced 1 4\n1 cancelled 2 5 REQUESTED\n"
         "1 rejected 1 NOT_ENTITLED_INSTRUMENT\n1 replaced 1>1 51x6 total 6 done 0\n"},
        {"by name: while the session is closed, and in its next life",
         "2 close\n0 grant two account 8\n0 grant two admin", ""},
    };
    CHECK_CASES(cases, &fixture_limits);
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, cases[7].script);
    fixture_open(fixture, 4, "two", 0);
    cr_expect_str_eq(run_script(fixture, "4 new 1 B 50 1\n4 end"),
                     "4 rejected 1 NOT_ENTITLED_ACCOUNT\n4 done end 0\n");
    fixture_open(fixture, 2, "tw", 0);
    cr_expect_str_eq(run_script(fixture, "2 new 1 B 50 1\n2 end"),
                     "2 accepted 1 B 50x1\n2 rejected 0 NOT_ADMIN\n", "a name, not its beginning");
    fixture_free(fixture);
}

Test(entitle, rights_count_for_users_of_the_name_alone)
{
    static const struct script_case cases[] = {
        {"another user holds the name when it gets rights: none of them are his",
         "4 open ops uid5\n0 grant ops admin\n4 end\n0 grant ops user 6\n4 end\n"
         "0 grant ops user 5\n4 end\n0 revoke ops user 5\n4 end",
         "4 rejected 0 NOT_ADMIN\n4 rejected 0 NOT_ADMIN\n4 done end 0\n"
         "4 rejected 0 NOT_ADMIN\n"},
        {"root and the daemon's own user need no entry",
         "0 grant ops admin\n4 open ops uid0\n4 end\n4 close\n4 open ops uid5 daemons\n4 end\n"
         "0 grant ops user 6\n4 end",
         "4 done end 0\n4 done end 0\n4 done end 0\n"},
        {"who comes back counts, not who opened it",
         "4 open ops uid5\n0 grant ops admin\n0 grant ops user 5\n4 end\n4 connect uid6\n4 end\n"
         "4 connect uid0\n4 end\n4 connect uid6 daemons\n4 end\n4 connect uid6\n4 disconnect\n"
         "4 end\n4 connect uid5\n4 end",
         "4 done end 0\n4 rejected 0 NOT_ADMIN\n4 done end 0\n4 done end 0\n"
         "4 rejected 0 NOT_ADMIN\n4 done end 0\n"},
        {"copies go to who comes back as well",
         "4 open risk uid5\n0 grant one group 7\n0 grant risk copies 7\n4 connect uid0\n"
         "1 new 1 B 50 1\n4 connect uid5\n1 new 2 B 50 1",
         "1 accepted 1 B 50x1\n4 copy of 1: 1 accepted 1 B 50x1\n1 accepted 2 B 50x1\n"},
        {"an entry of another name is none",
         "0 grant ops admin\n0 grant op user 5\n4 open ops uid5\n4 end",
         "4 rejected 0 NOT_ADMIN\n"},
        {"copies",
         "4 open risk uid5\n0 grant one group 7\n0 grant risk copies 7\n1 new 1 B 50 1\n"
         "0 grant risk user 5\n1 new 2 B 50 1\n0 revoke risk user 5\n1 new 3 B 50 1",
         "1 accepted 1 B 50x1\n1 accepted 2 B 50x1\n4 copy of 2: 1 accepted 2 B 50x1\n"
         "1 accepted 3 B 50x1\n"},
        {"lists bind whoever has the name",
         "4 open ops uid5\n0 grant ops account 8\n4 new 1 B 50 1 a7",
         "4 rejected 1 NOT_ENTITLED_ACCOUNT\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(entitle, a_user_claims_a_name_by_the_entries_that_it_has)
{
    static const struct {
        const char *script;
        enum hf_core_claim claim; /* of user 5 to "ops" */
    } cases[] = {
        {"", HF_CLAIM_FREE},
        {"0 grant ops account 7\n0 grant ops instrument 1\n0 grant ops group 1", HF_CLAIM_FREE},
        {"0 grant op admin\n0 grant opss user 6", HF_CLAIM_FREE},
        {"0 grant ops admin", HF_CLAIM_RESERVED},
        {"0 grant ops copies 3", HF_CLAIM_RESERVED},
        {"0 grant ops user 6", HF_CLAIM_OTHERS},
        {"0 grant ops admin\n0 grant ops user 6", HF_CLAIM_OTHERS},
        {"0 grant ops user 5", HF_CLAIM_GRANTED},
        {"0 grant ops user 6\n0 grant ops user 5\n0 grant ops admin", HF_CLAIM_GRANTED},
        {"0 grant ops user 6\n0 grant ops user 5\n0 revoke ops user 5", HF_CLAIM_OTHERS},
        {"0 grant ops user 5\n0 revoke ops user 5", HF_CLAIM_FREE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture *fixture = fixture_new(&fixture_limits);
        run_script(fixture, cases[i].script);
        cr_expect_eq(hf_core_claim(fixture->core, "ops", 5), cases[i].claim, "%s", cases[i].script);
        fixture_free(fixture);
    }
}

#define NAMES 7u
#define KINDS 3u
#define IDS 9u

static uint64_t
random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

Test(entitle, the_table_is_right_after_any_grants_and_revokes)
{
    static bool list[NAMES][KINDS + 1][IDS];
    struct hf_engine_limits limits = fixture_limits;
    limits.entitlements_max = 60;
    struct fixture *fixture = fixture_new(&limits);
    uint64_t state = 7;
    uint32_t count = 0;
    uint32_t full = 0;
    for (unsigned i = 0; i < 20000; i++) {
        uint32_t name_number = (uint32_t)(random_next(&state) % NAMES);
        uint32_t kind = 1 + (uint32_t)(random_next(&state) % KINDS);
        uint32_t id = (uint32_t)(random_next(&state) % IDS);
        char name[HF_NAME_BYTES] = "a-name-of-20-bytes-";
        name[19] = (char)('a' + name_number);
        bool *entry = &list[name_number][kind][id];
        cr_assert_eq(hf_entitle_has(fixture->core, name, kind, id), *entry);
        if (random_next(&state) % 5 < 3) {
            bool granted = hf_entitle_grant(fixture->core, name, kind, id);
            cr_assert_eq(granted, *entry || count < 60);
            full += !granted;
            count += granted && !*entry;
            *entry = granted;
        } else {
            hf_entitle_revoke(fixture->core, name, kind, id);
            count -= *entry;
            *entry = false;
        }
        cr_assert_eq(fixture->core->entitlements, count);
    }
    cr_expect_gt(full, 100);
    fixture_free(fixture);
}

Test(entitle, entries_and_account_settings_can_be_read_back)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_entitlement_row row;
    struct hf_account_row account;
    cr_expect_not(hf_core_entitlement(fixture->core, 0, &row));
    cr_expect_not(hf_core_account(fixture->core, 7, &account));
    run_script(fixture, "0 grant one account 8\n0 grant nobody admin\n"
                        "0 account 7 notional1000 group1 newest kill");
    cr_assert(hf_core_entitlement(fixture->core, 0, &row));
    cr_expect_str_eq(row.name, "one");
    cr_expect_eq(row.kind, HF_ENTITLE_ACCOUNT);
    cr_expect_eq(row.id, 8);
    cr_assert(hf_core_entitlement(fixture->core, 1, &row));
    cr_expect_eq(row.kind, HF_ENTITLE_ADMIN);
    cr_expect_not(hf_core_entitlement(fixture->core, 2, &row));
    cr_expect(hf_core_is_admin(fixture->core, "nobody"));
    cr_expect_not(hf_core_is_admin(fixture->core, "one"));
    cr_assert(hf_core_account(fixture->core, 7, &account));
    cr_expect_eq(account.notional_max, 1000);
    cr_expect_eq(account.group, 1);
    cr_expect_eq(account.self_trade, HF_SELF_TRADE_CANCEL_NEWEST);
    cr_expect_eq(account.killed, 1);
    cr_expect_not(hf_core_account(fixture->core, 8, &account));
    fixture_free(fixture);
}
