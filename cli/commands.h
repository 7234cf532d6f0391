/* The commands of the program, one file each. */
#ifndef ZG_CLI_COMMANDS_H
#define ZG_CLI_COMMANDS_H

int zg_cmd_train(int argc, char **argv);
int zg_cmd_certify(int argc, char **argv);
int zg_cmd_predict(int argc, char **argv);
int zg_cmd_simulate(int argc, char **argv);
int zg_cmd_stack(int argc, char **argv);
int zg_cmd_form(int argc, char **argv);
int zg_cmd_analyse(int argc, char **argv);
int zg_cmd_discrepancy(int argc, char **argv);
int zg_cmd_export(int argc, char **argv);
int zg_cmd_list(int argc, char **argv);
int zg_cmd_data(int argc, char **argv);
int zg_cmd_run(int argc, char **argv);
int zg_cmd_submit(int argc, char **argv);
int zg_cmd_watch(int argc, char **argv);
int zg_cmd_report(int argc, char **argv);
int zg_cmd_compare(int argc, char **argv);
int zg_cmd_history(int argc, char **argv);
int zg_cmd_merge(int argc, char **argv);
int zg_cmd_verify(int argc, char **argv);
int zg_cmd_version(int argc, char **argv);
int zg_cmd_instances(int argc, char **argv);
int zg_cmd_judge(int argc, char **argv);

#endif
