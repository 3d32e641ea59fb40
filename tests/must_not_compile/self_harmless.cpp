// Compiles in both forms: the check has to say so.
int zero();
int zero()
{
    return 0;
}
