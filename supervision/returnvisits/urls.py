urlpatterns: list = []
app_name = "returnvisits"
