from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "supervision.accounts"
    label = "accounts"
    verbose_name = "账号安全"
    default_auto_field = "django.db.models.BigAutoField"
